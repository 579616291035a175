"""How often the verifier errs on a labelled list of pairs, and at which threshold.

``pair_list`` reads the list, ``outcomes`` runs its pairs through the production path,
``error_rates`` and its neighbours are arithmetic alone, ``report`` puts the figures together,
``text`` and ``plot`` show them.
"""
