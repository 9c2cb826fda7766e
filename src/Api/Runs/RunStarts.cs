using System.Text.Json.Nodes;
using Agora.Api.Flow;
using Agora.Application.Calls;
using Agora.Application.Runs;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Runs;

/// <summary>Starts runs that are asked for over HTTP, by whichever route: headers of the request pay for a run, and say how old a kept output may be.</summary>
internal sealed class RunStarts(AgentRuns runs, Corrections corrections)
{
    public async Task<RunStarted> Start(AgentCall call, RunRequest request)
    {
        var (result, payment) = await runs.Start(call.Caller, Asked(call, request), call.Cancel);
        if (result.Continues is { } run)
        {
            call.HoldUntil(run);
        }

        if (result is { Replayed: false, Value: RunTaken.Known { IsUnderWay: false, Run.Near: var near } })
        {
            ApiMetrics.Near(near);
        }

        return new(result, payment);
    }

    private StartRun Asked(AgentCall call, RunRequest request) => new(request)
    {
        Payment = new(call.Header(PaymentHeader.Signature), call.Header(PaymentHeader.XPayment), call.Address, () => call.RequestHash),
        MaxAge = most => CacheControl.MaxAge(call, most),
        AtPrice = micros => corrections.Anew(call, call.Tenant, RunEndpoints.Run, Corrections.Says.AtThisPrice, ("max_price_cents", JsonNode.Parse(Money.FormatCents(micros))!)),
    };
}

/// <param name="Payment">What is said of the payment by x402. Null if nothing is.</param>
internal sealed record RunStarted(Result<RunTaken> Result, PaymentSaid? Payment);
