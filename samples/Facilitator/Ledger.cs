using System.Globalization;
using System.Numerics;
using Agora.Samples.Facilitator.Signatures;

namespace Agora.Samples.Facilitator;

/// <summary>
/// What stands in for the token's contract and its chain: balances and used nonces, in memory, gone with the process. Thread-safe.
/// </summary>
/// <param name="balances">By address in lower case, in the token's units; null: everyone has enough.</param>
internal sealed class Ledger(IReadOnlyDictionary<string, BigInteger>? balances)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, BigInteger> _left = balances is null ? [] : new(balances);
    private readonly Dictionary<string, string> _transactions = [];

    /// <summary>How often money has moved.</summary>
    public int Transfers
    {
        get
        {
            lock (_gate)
                return _transactions.Count;
        }
    }

    /// <summary>Why the contract would refuse this transfer now; null when it would not.</summary>
    public string? Refusal(PaymentRequest request)
    {
        lock (_gate)
            return RefusalNow(request);
    }

    /// <summary>Moves the money once; a used nonce is refused, as the contract does.</summary>
    public (string? Transaction, string? Refusal) Move(PaymentRequest request)
    {
        lock (_gate)
        {
            if (RefusalNow(request) is { } refusal)
                return (null, refusal);
            if (balances is not null)
            {
                _left[request.Transfer.From] -= request.Transfer.Value;
                _left[request.PayTo] = _left.GetValueOrDefault(request.PayTo) + request.Transfer.Value;
            }
            var key = KeyOf(request);
            return (_transactions[key] = $"0x{Convert.ToHexStringLower(TypedData.Hash(key))}", null);
        }
    }

    private string? RefusalNow(PaymentRequest request) =>
        _transactions.ContainsKey(KeyOf(request)) ? Reasons.NonceAlreadyUsed
        : balances is not null && _left.GetValueOrDefault(request.Transfer.From) < request.Transfer.Value ? Reasons.InsufficientBalance
        : null;

    private static string KeyOf(PaymentRequest request) => string.Create(CultureInfo.InvariantCulture,
        $"{request.Domain?.ChainId}:{request.Asset}:{request.Transfer.From}:{Convert.ToHexStringLower(request.Transfer.Nonce)}");
}
