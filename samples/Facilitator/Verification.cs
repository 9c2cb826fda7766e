using System.Numerics;
using Agora.Samples.Facilitator.Signatures;

namespace Agora.Samples.Facilitator;

/// <summary>The words in which reference facilitators refuse.</summary>
internal static class Reasons
{
    public const string InvalidScheme = "invalid_exact_evm_scheme";
    public const string NetworkMismatch = "invalid_exact_evm_network_mismatch";
    public const string MissingDomain = "invalid_exact_evm_missing_eip712_domain";
    public const string InvalidSignature = "invalid_exact_evm_signature";
    public const string RecipientMismatch = "invalid_exact_evm_recipient_mismatch";
    public const string ValidBefore = "invalid_exact_evm_payload_authorization_valid_before";
    public const string ValidAfter = "invalid_exact_evm_payload_authorization_valid_after";
    public const string ValueMismatch = "invalid_exact_evm_payload_authorization_value_mismatch";
    public const string NonceAlreadyUsed = "invalid_exact_evm_nonce_already_used";
    public const string InsufficientBalance = "invalid_exact_evm_insufficient_balance";
}

/// <summary>
/// Everything of a payment that can be checked without a chain. What cannot: whether the token's contract is what it seems,
/// signatures of contracts (ERC-1271), and real balances and nonces, for which <see cref="Ledger"/> stands in.
/// </summary>
internal static class Verification
{
    /// <summary>Time that a transaction needs to get into a block.</summary>
    private const int BlockSeconds = 6;

    /// <summary>Why the payment is no good; null when it is good.</summary>
    public static string? Refusal(PaymentRequest request, DateTimeOffset now)
    {
        var transfer = request.Transfer;
        var seconds = (BigInteger)now.ToUnixTimeSeconds();
        return request.Accepted.Scheme != "exact" || request.Required.Scheme != "exact" ? Reasons.InvalidScheme
            : request.Domain is not { } domain ? Reasons.MissingDomain
            : request.Accepted.Network != request.Required.Network ? Reasons.NetworkMismatch
            : Secp256k1.RecoverAddress(TypedData.HashOf(domain, transfer), request.Signature) != transfer.From ? Reasons.InvalidSignature
            : transfer.To != request.PayTo ? Reasons.RecipientMismatch
            : transfer.ValidBefore < seconds + BlockSeconds ? Reasons.ValidBefore
            : transfer.ValidAfter > seconds ? Reasons.ValidAfter
            : transfer.Value != request.Amount ? Reasons.ValueMismatch
            : null;
    }
}
