"""The sources of the statistics, as a report lists them."""

REFERENCES = (
    "Angelopoulos, A. N., Duchi, J. C., and Zrnic, T. (2023). PPI++: Efficient prediction-powered inference. "
    "arXiv 2311.01453.",
    "Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78.",
    "Calderon, N., Reichart, R., and Dror, R. (2025). The alternative annotator test for LLM-as-a-judge. "
    "arXiv 2501.10970.",
    "Cameron, A. C., Gelbach, J. B., and Miller, D. L. (2008). Bootstrap-based improvements for inference with "
    "clustered errors. Review of Economics and Statistics 90.",
    "Cochran, W. G. (1977). Sampling Techniques, 3rd edition.",
    "Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20.",
    "Cohen, J. (1968). Weighted kappa. Psychological Bulletin 70.",
    "Dawid, A. P., and Skene, A. M. (1979). Maximum likelihood estimation of observer error-rates using the EM "
    "algorithm. Applied Statistics 28.",
    "Efron, B., and Tibshirani, R. J. (1993). An Introduction to the Bootstrap.",
    "Fagerland, M. W., Lydersen, S., and Laake, P. (2013). The McNemar test for binary matched-pairs data. "
    "BMC Medical Research Methodology 13:91.",
    "Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin 76.",
    "Gorodkin, J. (2004). Comparing two K-category assignments by a K-category correlation coefficient. "
    "Computational Biology and Chemistry 28.",
    "Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th edition.",
    "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.",
    "Krippendorff, K. (2019). Content Analysis: An Introduction to Its Methodology, 4th edition.",
    "Lee and others (2025). Reporting of evaluations by a language model as judge: bias correction and intervals. "
    "arXiv 2511.21140.",
    "McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or percentages. "
    "Psychometrika 12.",
    "Passonneau, R. (2006). Measuring agreement on set-valued items (MASI). LREC.",
    "Rogan, W. J., and Gladen, B. (1978). Estimating prevalence from the results of a screening test. "
    "American Journal of Epidemiology 107.",
    "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22.",
)
