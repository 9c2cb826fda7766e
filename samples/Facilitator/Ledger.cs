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
    private readonly Lock gate = new();
    private readonly Dictionary<string, BigInteger> left = balances is null ? [] : new(balances);
    private readonly Dictionary<string, string> transactions = [];

    /// <summary>How often money has moved.</summary>
    public int Transfers
    {
        get
        {
            lock (gate)
                return transactions.Count;
        }
    }

    /// <summary>Why the contract would refuse this transfer now; null when it would not.</summary>
    public string? Refusal(PaymentRequest request)
    {
        lock (gate)
            return RefusalNow(request);
    }

    /// <summary>Moves the money once; a used nonce is refused, as the contract does.</summary>
    public (string? Transaction, string? Refusal) Move(PaymentRequest request)
    {
        lock (gate)
        {
            if (RefusalNow(request) is { } refusal)
                return (null, refusal);
            if (balances is not null)
            {
                left[request.Transfer.From] -= request.Transfer.Value;
                left[request.PayTo] = left.GetValueOrDefault(request.PayTo) + request.Transfer.Value;
            }
            var key = KeyOf(request);
            return (transactions[key] = $"0x{Convert.ToHexStringLower(TypedData.Hash(key))}", null);
        }
    }

    private string? RefusalNow(PaymentRequest request) =>
        transactions.ContainsKey(KeyOf(request)) ? Reasons.NonceAlreadyUsed
        : balances is not null && left.GetValueOrDefault(request.Transfer.From) < request.Transfer.Value ? Reasons.InsufficientBalance
        : null;

    private static string KeyOf(PaymentRequest request) => string.Create(CultureInfo.InvariantCulture,
        $"{request.Domain?.ChainId}:{request.Asset}:{request.Transfer.From}:{Convert.ToHexStringLower(request.Transfer.Nonce)}");
}
