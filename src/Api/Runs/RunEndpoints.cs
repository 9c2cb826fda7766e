using Agora.Application.Operations;
using Agora.Application.Runs;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Web;

namespace Agora.Api.Runs;

/// <inheritdoc cref="AgentRuns"/>
internal sealed class RunEndpoints(AgentRuns runs, RunStarts starts) : IFeature
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

    private static readonly IReadOnlyList<string> Untrusted = ["data.output", "data.payment.payer", "data.failure.said"];

    public void Map(Routes routes) => routes.Map(Run, RunService).Map(Get, GetRun).Map(List, ListRuns).Map(Cancel, CancelRun);

    private async Task<Reply> RunService(AgentCall call, RunRequest request) => Told(await starts.Start(call, request));

    /// <summary>What became of a start.</summary>
    public static Reply Told(RunStarted started) => started.Result.Reply(Started) with { Payment = PaymentHeader.Of(started.Payment) };

    private async Task<Reply> GetRun(AgentCall call, string id) => (await runs.Get(call.Caller, IdOf(id), call.Prefers.Wait is not null, call.Cancel)).Reply(static taken =>
        taken is RunTaken.Known { Run: { State: var state } run } ? Reply.Ok(RunData.Of(run)) with { RetryAfterSeconds = LookAgainAfter(state) } : Shown(taken));

    private async Task<Reply> CancelRun(AgentCall call, string id) => (await runs.Cancel(call.Caller, IdOf(id), call.Cancel)).Reply(static taken =>
        taken is RunTaken.Known { Run: var run } ? Reply.Ok(RunData.Of(run)) : Shown(taken));

    private async Task<Reply> ListRuns(AgentCall call, Page page) => (await runs.List(call.Caller, page, call.Cancel)).Reply(found =>
        Reply.Ok(new RunsData([.. found.Runs.Select(RunSummaryData.Of)], found.Total.Number, found.Total.Unknown(call.Words), page.Offset, page.Limit)));

    private static Reply Started(RunTaken taken) => taken switch
    {
        RunTaken.Begun begun => UnderWay(RunData.Of(begun), begun.RunId),
        RunTaken.Known { Run: { State: RunState.AwaitingApproval } waits } => Waits(RunData.Of(waits), waits.RunId),
        RunTaken.Known { Run: { State: RunState.Pending } pending } => UnderWay(RunData.Of(pending), pending.RunId),
        RunTaken.Known { Run: var run } => Reply.Ok(RunData.Of(run)) with { UntrustedFields = Untrusted, Headers = run.Cached is { } hit ? CacheControl.Hit(hit.AgeSeconds, hit.Waited) : [] },
        _ => Shown(taken),
    };

    private static Reply Shown(RunTaken taken) => Reply.Ok(RunData.Of((RunTaken.Over)taken)) with { UntrustedFields = Untrusted };

    /// <summary>202: a run, or a transfer, that is under way. Most are over within a second.</summary>
    public static Reply UnderWay(object data, Guid runId) => Reply.Accepted(data, Location(runId), LookAgainAfter(RunState.Pending));

    /// <summary>202: it waits for a person.</summary>
    public static Reply Waits(object data, Guid runId) => Reply.Accepted(data, Location(runId), LookAgainAfter(RunState.AwaitingApproval));

    private static Guid? IdOf(string id) => PathIds.IsGuid(id, out var runId) ? runId : null;

    private static int LookAgainAfter(RunState state) => state == RunState.AwaitingApproval ? 60 : 1;

    private static string Location(Guid runId) => $"/agent/runs/{runId:D}";
}
