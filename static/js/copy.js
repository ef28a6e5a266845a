// A button with data-copy="ID" copies what is in the field with that id, and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    return; // The field is selected, so that it can be copied by hand.
  }
  button.textContent = button.dataset.copied;
  document.getElementById("live").textContent = button.dataset.copied;
});
