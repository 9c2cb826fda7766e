using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Outbound;
using Agora.X402;

namespace Agora.Grains.Payments;

/// <summary>The facilitator at a URL, asked through the outbound guard.</summary>
/// <param name="url">Its base: <c>/verify</c>, <c>/settle</c> and <c>/supported</c> stand below it.</param>
/// <param name="key">Sent as a bearer token, or null.</param>
public sealed class Facilitator(Uri url, string? key, IOutbound outbound) : IFacilitator
{
    /// <summary>No service can have this id: the breaker is the facilitator's own.</summary>
    private const string Breaker = "/x402";

    /// <summary>Shorter than the deadline, so that an answer that was lost can be had by asking again at once.</summary>
    private static readonly TimeSpan SettleAttempt = Limits.SettleDeadline * 0.6;

    private readonly string _url = url.AbsoluteUri.TrimEnd('/');
    private readonly AuthHeader? _auth = key is null ? null : new("Authorization", $"Bearer {key}");

    public async Task<VerifyOutcome> Verify(FacilitatorCall call) => PaymentMetrics.Count(
        await Ask("verify", call, Limits.VerifyDeadline / 2, Limits.VerifyDeadline) switch
        {
            OutboundResult.Succeeded { Body.Length: > Limits.FacilitatorAnswerBytes } => new VerifyOutcome.Unknown(FacilitatorDoubt.Unreadable),
            OutboundResult.Succeeded answer => FacilitatorAnswers.Verify(answer.Status < 400, answer.Body, call.Payment),
            OutboundResult.Failed failed => new VerifyOutcome.Unknown(DoubtOf(failed)),
            var other => throw new System.Diagnostics.UnreachableException(other.GetType().Name),
        });

    public async Task<SettleOutcome> Settle(FacilitatorCall call, bool attemptedBefore) => PaymentMetrics.Count(
        await Ask("settle", call, SettleAttempt, Limits.SettleDeadline) switch
        {
            OutboundResult.Succeeded { Body.Length: > Limits.FacilitatorAnswerBytes } => new SettleOutcome.Unknown(FacilitatorDoubt.Unreadable),
            OutboundResult.Succeeded answer => FacilitatorAnswers.Settle(answer.Status < 400, answer.Body, call.Payment, attemptedBefore || answer.Sent > 1),
            OutboundResult.Failed failed => new SettleOutcome.Unknown(DoubtOf(failed)),
            var other => throw new System.Diagnostics.UnreachableException(other.GetType().Name),
        });

    public async Task<bool?> Supports(string network, int version)
    {
        var result = await outbound.Call(Call("supported", null, $"x402:supported:{network}:{version}", null, Limits.VerifyDeadline / 2, Limits.VerifyDeadline), CancellationToken.None);
        return result is OutboundResult.Succeeded { Body.Length: <= Limits.FacilitatorAnswerBytes, Status: < 400 } answer ? FacilitatorAnswers.Supports(answer.Body, network, version) : null;
    }

    private Task<OutboundResult> Ask(string what, FacilitatorCall call, TimeSpan attempt, TimeSpan deadline) => outbound.Call(
        Call(what, PaymentWriter.FacilitatorBody(call.Payment, call.Requirements, call.Resource), call.Identity.ToString(), call.Trace, attempt, deadline), CancellationToken.None);

    private OutboundCall Call(string what, ReadOnlyMemory<byte>? body, string idempotencyKey, string? trace, TimeSpan attempt, TimeSpan deadline) => new()
    {
        ServiceId = Breaker,
        Endpoint = new($"{_url}/{what}"),
        Body = body,
        ReadsRefusals = true,
        IdempotencyKey = idempotencyKey,
        Auth = _auth,
        Traceparent = trace,
        AttemptTimeout = attempt,
        Deadline = deadline,
    };

    private static FacilitatorDoubt DoubtOf(OutboundResult.Failed failed) => failed switch
    {
        { Sent: 0 } => FacilitatorDoubt.NotAsked,
        { Kind: OutboundFailure.TooLarge or OutboundFailure.Malformed or OutboundFailure.Redirect } => FacilitatorDoubt.Unreadable,
        _ => FacilitatorDoubt.NoAnswer,
    };
}
