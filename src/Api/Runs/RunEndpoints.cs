using System.Text.Json.Nodes;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Runs;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Payments;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Wallets;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Runs;

/// <summary>Runs of services: asked for, waited for, and looked up.</summary>
internal sealed class RunEndpoints(Guide guide, Catalogues catalogues, SchemaCache schemas, SessionRuns runs, RunWaiter waiter, RunPayments payments, ServiceCache cache, Corrections corrections) : IFeature
{
    public static readonly Operation<RunRequest> Run = new(Audience.Agents, OperationNames.RunService, "POST /agent/services/{service_id}/run", "Run a service; a slow one, and one that waits for the user's approval, answers 202, with the run's id")
    {
        Tool = new("run_service", IsDestructive: true, ReachesOut: true),
        Advice = "Run the service with your input; the body says who pays.",
        Read = RunRequest.Read,
        SubjectFirst = static _ => true,
        MayGoOn = true,
        Headers = [.. PaymentHeader.Parameters, CacheControl.Parameter],
        AnswerHeaders = [AnswerHeaders.Warning, AnswerHeaders.CacheStatus, AnswerHeaders.Age],
        Data = typeof(RunData),
        HeldAgainst = "/input",
        Codes =
        [
            Codes.NotFound, Codes.ScopeViolation, Codes.ValidationFailed, Codes.DuplicateRequest, Codes.NotEligible, Codes.GrantExceeded, Codes.BudgetExceeded, Codes.PaymentRequired,
            Codes.RunCancelled, Codes.IdempotencyConflict, Codes.IdempotencyInFlight, Codes.UpstreamFailed, Codes.UpstreamTimeout,
        ],
        BodyExample = """{"input":{"text":"A long text."},"max_price_cents":25}""",
        DataExample = RunExample,
    };

    public static readonly Operation<string> Get = new(Audience.Agents, OperationNames.GetRun, "GET /agent/runs/{run_id}", "A run of this session: its state, and when it has succeeded its output")
    {
        Resource = "agora://runs/{run_id}",
        Tool = new("get_run"),
        Advice = "See the run's state and output.",
        Read = static call => call.Id("run_id"),
        Headers = [Preferences.Parameter],
        AnswerHeaders = [AnswerHeaders.RetryAfter, AnswerHeaders.Warning],
        Data = typeof(RunData),
        Codes = [Codes.NotFound],
        DataExample = RunExample,
    };

    public static readonly Operation<Page> List = new(Audience.Agents, "list_runs", "GET /agent/runs", "This session's runs, newest first")
    {
        ListsIds = ["run_id"],
        Resource = "agora://runs",
        Read = static call => call.Query.Page(),
        Data = typeof(RunsData),
        DataExample = """{"runs":[{"run_id":"0198c0de-0000-7000-8000-000000000000","service_id":"summary","state":"succeeded","amount_cents":25,"campaign_id":"survey","failure_code":null,"requested_at":"2030-01-01T00:00:00.000000Z","settled_at":"2030-01-01T00:00:01.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Cancel = new(Audience.Agents, "cancel_run", "POST /agent/runs/{run_id}/cancel", "Take a run of this session back before it has its output, a transfer and one that waits for approval too: it costs nothing")
    {
        Advice = "Take the run back while it has no output; it costs nothing then.",
        Read = static call => call.Id("run_id"),
        Data = typeof(RunData),
        AnswerHeaders = [AnswerHeaders.Warning],
        Codes = [Codes.NotFound, Codes.RunDecided, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        DataExample = CancelledExample,
    };

    internal const string CancelledExample = """{"run_id":"0198c0de-0000-7000-8000-000000000000","service_id":"summary","state":"cancelled","output":null,"payment":null,"budget":{"limit_cents":100,"spent_cents":0,"reserved_cents":0,"remaining_cents":100},"failure":{"code":"run_cancelled","retry":"new_key"},"approval":null}""";

    private const string RunExample = """{"run_id":"0198c0de-0000-7000-8000-000000000000","service_id":"summary","state":"succeeded","output":{"summary":"Short."},"payment":{"payment_id":"0198c0de-0000-7000-8000-000000000001","amount_cents":25,"fee_cents":0,"refunded_cents":0,"payer":"Acme","source":"sponsor","status":"posted","paid_by":{"kind":"campaign","id":"survey"},"why":"The first completed campaign that pays for this service.","related_party":false},"budget":{"limit_cents":100,"spent_cents":25,"reserved_cents":0,"remaining_cents":75},"failure":null,"approval":null}""";

    public void Map(Routes routes) => routes.Map(Run, RunService).Map(Get, GetRun).Map(List, ListRuns).Map(Cancel, CancelRun);

    public async Task<Reply> RunService(AgentCall call, RunRequest request)
    {
        var service = catalogues.In(call.Tenant).Active(request.ServiceId);
        if (service?.Definition.InputSchema is { } schema && request.Input is { } input)
        {
            call.Findings.Violate(schemas.Violations(schema, input, "/input"));
        }

        var payment = await payments.Coded(call, payments.Read(call, service, request));
        if (await payments.Find(call, payment) is { } earlier) return await Again(call, earlier, payment!.Version);

        var command = await Command(call, service, request, payment);
        var begun = await waiter.Wait(call.Caller, command);
        if (begun.Answer is not { } outcome)
        {
            call.HoldUntil(begun.UnderWay!);
            return await Accepted(call, request.ServiceId);
        }

        if (outcome.Rejection is { } rejection)
        {
            return await Refused(call, service, request, rejection) with { Replayed = outcome.Replayed, Payment = payment?.Of(rejection) };
        }

        if (outcome.Reply is SessionView session) return await runs.Repeated(call, session, call.Context.CommandId);

        var run = outcome.As<RunView>();
        return run.State == RunState.AwaitingApproval
            ? Waits(run, Allowance.Of(run) ?? await guide.Allowance(call))
            : Succeeded(run, Allowance.Of(run) ?? await guide.Allowance(call), outcome.Replayed) with { Payment = RunPayment.Of(run.Payment?.Settlement, payment?.Version ?? 2) };
    }

    /// <summary>The payment was presented before: the outcome of the run that it pays, however that was lost. Nothing is run or charged.</summary>
    private async Task<Reply> Again(AgentCall call, Answer earlier, int version)
    {
        if (earlier.Rejection is { } taken)
        {
            var refused = await call.Visit(taken);
            return await guide.Refuse(call, refused.Rejection ?? taken);
        }

        var (_, runId, settlement, standing) = (PaymentFound)earlier.Reply!;
        var answer = await call.Ask(new SessionCommand.GetRun(call.Info, runId));
        var reply = answer.Reply is SessionView session ? await runs.Repeated(call, session, runId, isHeld: standing == IncomingStanding.Presented) : await runs.Shown(call, answer, runId);

        // The wallet holds it for a run of which the session has nothing: not yet, or what it asked for was not written, and the wallet finds that out.
        if (reply.Refusal is { } refusal) return refusal.Code == Codes.NotFound ? await guide.Refuse(call, PaymentRejection.InFlight) : reply;

        return answer.Reply is RunView { State: var state }
            ? Reply.Accepted(reply.Data!, Location(runId), LookAgainAfter(state)) with { Allowance = reply.Allowance, NextActions = reply.NextActions }
            : reply with { Replayed = true, Payment = RunPayment.Of(settlement, version) };
    }

    private async Task<Reply> GetRun(AgentCall call, string id)
    {
        if (!PathIds.IsGuid(id, out var runId)) return await NotFound(call);

        var answer = await call.Send(new SessionCommand.GetRun(call.Info, runId));
        if (call.Prefers.Wait is not null && answer.Reply is RunView seen)
        {
            // The request has been counted before it waits: who is over the rate holds nothing open.
            answer = await waiter.Wait(call.Caller, runId, call.Cancel) is { } state
                ? answer with { Reply = seen with { State = state, ApprovalUntil = state == seen.State ? seen.ApprovalUntil : null } }
                : await call.Peek();
        }

        return await runs.Shown(call, answer, runId);
    }

    private async Task<Reply> CancelRun(AgentCall call, string id)
    {
        if (!PathIds.IsGuid(id, out var runId)) return await NotFound(call);

        return await runs.Cancelled(call, await call.Send(new RunCommand.Cancel(runId, call.Info)), runId);
    }

    private Task<Reply> NotFound(AgentCall call) =>
        guide.Visit(call, _ => throw new InvalidOperationException("A refused visit was answered."), SessionRuns.NotFound);

    private async Task<Reply> ListRuns(AgentCall call, Page page)
    {
        var answer = await call.Send(new SessionCommand.GetRuns(call.Info));
        if (answer.Rejection is { } rejection) return await guide.Refuse(call, rejection);

        var (session, pending) = answer.As<PendingRuns>();
        var data = await runs.Listed(call, session, pending, page);
        return await guide.Continued(call, Reply.Ok(data), session);
    }

    /// <summary>The campaigns that could pay, in the order in which the user's stream will ask them; it knows best and decides.</summary>
    internal async Task<RunCommand.RunService> Command(AgentCall call, ServiceEntry? service, RunRequest request, RunPayment? payment)
    {
        var (catalogue, named) = (catalogues.In(call.Tenant), request.CampaignId);
        return new(
            call.Info,
            request.ServiceId,
            service?.Terms,
            new Personal(request.Input is { } input ? StrictJson.Raw(input) : "null"u8.ToArray()),
            request.Input is { } hashed && call.LooksForDuplicates ? CanonicalJson.Hash(hashed) : "",
            named,
            named is null || catalogue.Campaign(named) is { Definition.Active: true },
            request.MaxPriceMicros,
            service is null || payment?.Paid is not null || request.PayWith is PayWith.Wallet or PayWith.X402 ? [] : await Candidates(call, catalogue.PayersOf(service), named),
            call.IsKeyed || payment?.Paid is not null,
            request.PayWith,
            service is not null && catalogue.Campaign(named) is { } campaign && campaign.IsRelated(service),
            payment?.Paid,
            payment?.Unpaid,
            Cache: payment?.Paid is null ? await cache.Wish(call, service, request) : null);
    }

    private async Task<IReadOnlyList<Candidate>> Candidates(AgentCall call, Payers payers, string? named) =>
        named is null && payers.AreMany ? payers.Candidates(call.Now, await guide.Completed(call.Caller)) : payers.Candidates(call.Now, named);

    private async Task<Reply> Accepted(AgentCall call, string serviceId)
    {
        var runId = call.Context.CommandId;
        var allowance = await guide.Allowance(call);
        var budget = allowance?.Budget ?? new Budget(0, 0, 0, 0);
        return UnderWay(RunData.Pending(runId, serviceId, budget), runId) with { Allowance = allowance, NextActions = [Actions.GetRun(runId)] };
    }

    /// <summary>202: a run, or a transfer, that is under way. Most are over within a second.</summary>
    public static Reply UnderWay(object data, Guid runId) => Reply.Accepted(data, Location(runId), LookAgainAfter(RunState.Pending));

    /// <summary>202: it waits for a person.</summary>
    public static Reply Waits(object data, Guid runId) => Reply.Accepted(data, Location(runId), LookAgainAfter(RunState.AwaitingApproval));

    public static int LookAgainAfter(RunState state) => state == RunState.AwaitingApproval ? 60 : 1;

    private static string Location(Guid runId) => $"/agent/runs/{runId:D}";

    private Task<Reply> Refused(AgentCall call, ServiceEntry? service, RunRequest request, Rejection rejection) => rejection.Code == Codes.PaymentRequired && service is not null
        ? guide.Guided(call, Reply.Refused(rejection), flow => Payable(call, flow, service, request))
        : guide.Refuse(call, rejection);

    /// <summary>Where the price alone was in the way, the same run at the price that it has.</summary>
    private async Task<IReadOnlyList<NextAction>> Payable(AgentCall call, FlowState flow, ServiceEntry service, RunRequest request)
    {
        var price = service.Definition.PriceMicros;
        return request.MaxPriceMicros < price && price <= flow.LeftFor(service)
            && corrections.Anew(call, call.Tenant, Run, Corrections.Says.AtThisPrice, ("max_price_cents", JsonNode.Parse(Money.FormatCents(price))!)) is { } dearer
            ? [dearer, Actions.FlowStatus]
            : await guide.Pay(flow, service);
    }

    private static Reply Succeeded(RunView run, Allowance? allowance, bool replayed)
    {
        if (!replayed)
        {
            ApiMetrics.Near(run.Near);
        }

        return new(StatusCodes.Status200OK, RunData.Of(run), null)
        {
            Allowance = allowance,
            NextActions = [Actions.FlowStatus],
            UntrustedFields = SessionRuns.Untrusted,
            Replayed = replayed,
            Headers = run.Cached is { } hit ? CacheControl.Hit(hit.AgeSeconds, hit.Waited) : [],
        };
    }

    private static Reply Waits(RunView run, Allowance? allowance) =>
        Waits(RunData.Of(run), run.RunId) with { Allowance = allowance, NextActions = [Actions.GetRun(run.RunId)] };
}
