using System.Text.Json.Serialization;

namespace Agora.X402;

/// <summary>
/// A payment as a run brings it to its payer's wallet: with what it was held against, so that a settlement can be asked for again, in the
/// same words, whatever the settings are by then.
/// </summary>
/// <param name="Fingerprint">As of <see cref="Payment.FingerprintUnder"/>.</param>
/// <param name="RequestHash">Of the request that it pays: the same payment with another request is a conflict.</param>
public sealed record PresentedPayment(Payment Payment, PaymentRequirements Requirements, PaidResource Resource, string Fingerprint, string RequestHash)
{
    [JsonIgnore]
    public PaymentIdentity Identity => PaymentIdentity.Of(Requirements.Network, Requirements.Asset, Payment.Authorization.From, Payment.Authorization.Nonce);
}

/// <summary>What moved, as PAYMENT-RESPONSE tells it.</summary>
/// <param name="Amount">In the asset's smallest units, as decimal digits.</param>
/// <param name="Transaction">Empty where only that it moved is known.</param>
public sealed record PaymentSettlement(string Network, string Payer, string Amount, string Transaction)
{
    public static PaymentSettlement Of(PresentedPayment presented, string? transaction) => new(
        presented.Requirements.Network, presented.Payment.Authorization.From, PaymentJson.Digits(presented.Requirements.Amount), transaction ?? "");
}
