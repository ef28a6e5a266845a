// On a phone the tabs of a study scroll sideways: bring the present one into view.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
