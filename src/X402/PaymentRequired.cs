using System.Numerics;
using System.Text.Json.Serialization;

namespace Agora.X402;

/// <summary>What is sold: x402 version 2, §5.1.2, ResourceInfo.</summary>
/// <param name="Description">Written up to <see cref="X402Limits.DescriptionLength"/> characters: clients bound the headers that they read.</param>
public sealed record PaidResource(string Url, string Description, string MimeType);

/// <summary>One way to pay (§5.1.2). Of the scheme <c>exact</c> the amount is neither a minimum nor a maximum.</summary>
/// <param name="Network">CAIP-2.</param>
/// <param name="Amount">In the asset's smallest units, below 2²⁵⁶.</param>
/// <param name="MaxTimeoutSeconds">How long an authorization signed now stays valid.</param>
/// <param name="AssetName">With <paramref name="AssetVersion"/> the EIP-712 domain's; together the member <c>extra</c>.</param>
public sealed record PaymentRequirements(
    string Scheme,
    string Network,
    [property: JsonConverter(typeof(UnsignedNumberConverter))] BigInteger Amount,
    string Asset,
    string PayTo,
    int MaxTimeoutSeconds,
    string AssetName,
    string AssetVersion);

/// <summary>The answer to a request that is not paid: <c>PAYMENT-REQUIRED</c>.</summary>
/// <param name="Error">Why: words of ours or of the specification, §9; never a third party's.</param>
/// <param name="Resource">What would be paid for.</param>
/// <param name="Accepts">Each of them enough.</param>
public sealed record PaymentRequired(string Error, PaidResource Resource, IReadOnlyList<PaymentRequirements> Accepts);

/// <summary>How the payment of a request ended: <c>PAYMENT-RESPONSE</c> (§5.3).</summary>
/// <param name="Transaction">Empty where nothing moved, or where only that it moved is known.</param>
/// <param name="ErrorReason">Null after a success.</param>
public sealed record PaymentResponse(
    bool Success,
    string Transaction,
    string Network,
    string Payer,
    [property: JsonConverter(typeof(UnsignedNumberConverter))] BigInteger? Amount = null,
    string? ErrorReason = null);
