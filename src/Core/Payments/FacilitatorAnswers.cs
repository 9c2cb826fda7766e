using System.Text.Json;
using Agora.Core.Kernel;
using Agora.X402;

namespace Agora.Core.Payments;

/// <summary>What a facilitator says of a payment before it is settled. Closed.</summary>
public abstract record VerifyOutcome : StepOutcome
{
    private VerifyOutcome()
    {
    }

    public sealed record Valid(string Payer) : VerifyOutcome;

    /// <param name="Reason">A word of the facilitator's, of small letters, digits and '_'; never its prose.</param>
    public sealed record Invalid(string Reason) : VerifyOutcome;

    /// <summary>Nothing was learned. Nothing has moved either: a verification moves nothing.</summary>
    public sealed record Unknown(FacilitatorDoubt Why) : VerifyOutcome;
}

/// <summary>What became of a settlement. Closed.</summary>
public abstract record SettleOutcome : StepOutcome
{
    private SettleOutcome()
    {
    }

    /// <summary>Exactly the authorization's value has moved from the payer to the seller.</summary>
    /// <param name="Transaction">Null where the attempt that moved it left no answer.</param>
    public sealed record Settled(string? Transaction) : SettleOutcome;

    /// <summary>Nothing has moved for this payment by any attempt of ours.</summary>
    /// <param name="Reason">As in <see cref="VerifyOutcome.Invalid"/>.</param>
    public sealed record Refused(string Reason) : SettleOutcome;

    /// <summary>It may have moved. The same settlement is to be asked for again: the asset's contract accepts a nonce once, so asking moves nothing twice.</summary>
    public sealed record Unknown(FacilitatorDoubt Why) : SettleOutcome;
}

/// <summary>Why an answer is none.</summary>
public enum FacilitatorDoubt
{
    /// <summary>No answer in time, a connection that broke, a 5xx: the facilitator may still have acted.</summary>
    NoAnswer = 1,

    /// <summary>An answer that is not of the protocol: too large, not JSON, members of another type.</summary>
    Unreadable = 2,

    /// <summary>It contradicts the payment: another payer, network or amount. An EIP-3009 authorization can only move exactly its value to exactly its payee, so this says nothing of whether it did.</summary>
    Contradiction = 3,

    /// <summary>It says itself that the end is open, or gives a reason that an earlier attempt of ours could be the cause of.</summary>
    Open = 4,

    /// <summary>Nothing was sent by any attempt: the breaker was open, the guard let no call through, or there was no connection. The one doubt in which the facilitator cannot have acted.</summary>
    NotAsked = 5,
}

/// <summary>
/// Reads a facilitator's answers (§7) strictly, and believes of them what can be true. The rules for /settle, in order:
/// <list type="number">
/// <item>A success that agrees with the payment is <c>Settled</c>; one that contradicts it is <c>Unknown</c>.</item>
/// <item>"Nonce already used" after an attempt of ours without a known outcome is <c>Settled</c>: that attempt did it. Without one it is
/// <c>Refused</c>: the payer may have cancelled the authorization, which uses the nonce and moves nothing, so the word alone proves no
/// payment. What is left open: a payer who cancels in the very moment in which an answer to us is lost gets one delivery.</item>
/// <item>A reason that says the end is open is <c>Unknown</c>, and so is any failure that names a transaction.</item>
/// <item>After an attempt without a known outcome only a reason for which that attempt must have failed as well is <c>Refused</c>; all
/// others (too little balance now, expired now) may be the consequence of its success, so <c>Unknown</c>.</item>
/// <item>Any other failure at the first attempt is <c>Refused</c>.</item>
/// </list>
/// </summary>
public static class FacilitatorAnswers
{
    private const string Unspecified = "unspecified";
    private const int ReasonLength = 100;

    /// <summary>How the reference facilitators (TypeScript, Go, Python) say that the contract has seen this payer's nonce.</summary>
    public const string NonceAlreadyUsed = "invalid_exact_evm_nonce_already_used";

    /// <summary>
    /// What they also say when a transaction was sent and its fate did not become known to them (an RPC that failed while they waited), or
    /// when the same payment is being settled at this moment.
    /// </summary>
    private static readonly HashSet<string> OpenEnded = new(StringComparer.Ordinal)
    {
        "settlement_pending",
        "duplicate_settlement",
        "unexpected_settle_error",
        "unexpected_verify_error",
        "invalid_transaction_state",
        "invalid_exact_evm_transaction_failed",
        "invalid_exact_evm_transfer_event_mismatch",
        Unspecified,
    };

    /// <summary>What is wrong with the payment itself, at any time: no attempt can have settled such a one.</summary>
    private static readonly HashSet<string> NeverPayable = new(StringComparer.Ordinal)
    {
        "invalid_exact_evm_signature",
        "invalid_exact_evm_payload_signature",
        "invalid_exact_evm_failed_to_parse_signature",
        "invalid_exact_evm_recipient_mismatch",
        "invalid_exact_evm_payload_recipient_mismatch",
        "invalid_exact_evm_authorization_value",
        "invalid_exact_evm_payload_authorization_value_mismatch",
        "invalid_exact_evm_missing_eip712_domain",
        "invalid_exact_evm_network_mismatch",
        "invalid_exact_evm_scheme",
        "invalid_network",
        "invalid_payload",
        "invalid_payment_requirements",
        "invalid_scheme",
        "invalid_x402_version",
        "unsupported_scheme",
    };

    /// <param name="succeeded">The status was 2xx; else it was 4xx.</param>
    public static VerifyOutcome Verify(bool succeeded, ReadOnlyMemory<byte> body, Payment payment)
    {
        using var document = PaymentJson.Parse(body);
        if (document?.RootElement is not { } answer || PaymentJson.Boolean(answer, "isValid") is not { } isValid || (isValid && !succeeded))
        {
            return new VerifyOutcome.Unknown(FacilitatorDoubt.Unreadable);
        }

        return !isValid ? new VerifyOutcome.Invalid(Reason(answer, "invalidReason"))
            : IsOf(answer, payment) ? new VerifyOutcome.Valid(payment.Authorization.From)
            : new VerifyOutcome.Unknown(FacilitatorDoubt.Contradiction);
    }

    /// <param name="succeeded">The status was 2xx; else it was 4xx.</param>
    /// <param name="attemptedBefore">A settlement of this payment was asked for before, by anyone of ours, without a known outcome.</param>
    public static SettleOutcome Settle(bool succeeded, ReadOnlyMemory<byte> body, Payment payment, bool attemptedBefore)
    {
        using var document = PaymentJson.Parse(body);
        if (document?.RootElement is not { } answer || PaymentJson.Boolean(answer, "success") is not { } success || (success && !succeeded))
        {
            return new SettleOutcome.Unknown(FacilitatorDoubt.Unreadable);
        }

        return success ? Success(answer, payment) : Failure(answer, attemptedBefore);
    }

    /// <summary>Whether the facilitator's GET /supported (§7.3) lists the scheme exact on this network in a version; null when the answer cannot be read.</summary>
    public static bool? Supports(ReadOnlyMemory<byte> body, string network, int version)
    {
        using var document = PaymentJson.Parse(body);
        return document is not null && document.RootElement.TryGetProperty("kinds", out var kinds) && kinds.ValueKind == JsonValueKind.Array
            ? kinds.EnumerateArray().Any(kind => kind.ValueKind == JsonValueKind.Object && PaymentJson.Integer(kind, "x402Version") == version
                && PaymentJson.Text(kind, "scheme") == PaymentTerms.Exact && PaymentJson.Text(kind, "network") == PaymentWriter.NameOf(network, version))
            : null;
    }

    private static SettleOutcome Success(JsonElement answer, Payment payment)
    {
        if (PaymentJson.Text(answer, "transaction") is not { } transaction || !EvmText.IsTransaction(transaction))
        {
            return new SettleOutcome.Unknown(FacilitatorDoubt.Unreadable);
        }

        var agrees = IsOf(answer, payment)
            && PaymentJson.Text(answer, "network") == PaymentWriter.NameOf(payment.Network, payment.Version)
            && (!PaymentJson.Has(answer, "amount") || PaymentJson.Text(answer, "amount") == PaymentJson.Digits(payment.Authorization.Value));
        return agrees ? new SettleOutcome.Settled(transaction) : new SettleOutcome.Unknown(FacilitatorDoubt.Contradiction);
    }

    private static SettleOutcome Failure(JsonElement answer, bool attemptedBefore)
    {
        var reason = Reason(answer, "errorReason");
        return reason == NonceAlreadyUsed ? attemptedBefore ? new SettleOutcome.Settled(null) : new SettleOutcome.Refused(reason)
            : OpenEnded.Contains(reason) || PaymentJson.Text(answer, "transaction") is { Length: > 0 } ? new SettleOutcome.Unknown(FacilitatorDoubt.Open)
            : attemptedBefore && !NeverPayable.Contains(reason) ? new SettleOutcome.Unknown(FacilitatorDoubt.Open)
            : new SettleOutcome.Refused(reason);
    }

    private static bool IsOf(JsonElement answer, Payment payment) =>
        !PaymentJson.Has(answer, "payer") || (PaymentJson.Text(answer, "payer") is { } payer && EvmText.IsSame(payer, payment.Authorization.From));

    private static string Reason(JsonElement answer, string name) =>
        PaymentJson.Text(answer, name) is { Length: > 0 and <= ReasonLength } reason && reason.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            ? reason : Unspecified;
}
