using Agora.X402;

namespace Agora.Application.Runs;

/// <summary>What a reply says of a payment by x402 (transports-v2/http.md).</summary>
/// <param name="Required">How the run can be paid.</param>
/// <param name="Response">How its payment ended.</param>
/// <param name="Version">Of the payment that the request brought.</param>
internal sealed record PaymentSaid(PaymentRequired? Required, PaymentResponse? Response, int Version);
