using Agora.Api.Admin.Refunds;
using Agora.Api.Refunds;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Journal;
using Agora.Web;

namespace Agora.Api.Admin.Models;

/// <summary>Calls of which nobody knew what they cost, so that what was held was posted; and what their provider's bill says of one, by which it is put right.</summary>
internal sealed class EstimateEndpoints(CallRows rows, TableReader tables, Payments payments) : IFeature
{
    public static readonly Operation<EstimatesRequest> List = new(Audience.Operators, "list_model_estimates", "GET /admin/models/estimates", "Calls of models that were posted as they were held, for nobody knew what they cost; newest first")
    {
        Read = EstimatesRequest.Read,
        Data = typeof(EstimatesData),
        DataExample = $$"""{"from":"2029-12-31T00:00:00.000000Z","to":"2030-01-01T00:00:00.000000Z","estimates":[{{EstimateData.Example}}],"counted_from":null}""",
    };

    public static readonly Operation<AdjustRequest> Adjust = new(Audience.Operators, "adjust_model_estimate", "POST /admin/models/estimates/{run_id}", "Give back what an estimate was posted above what its provider billed")
    {
        Read = AdjustRequest.Read,
        Data = typeof(RefundDoneData),
        RequiresKey = true,
        Codes = [.. AdminFlow.Mutation, Codes.PaymentRequired, Codes.DuplicateRequest],
        BodyExample = """{"cost_cents":1.5,"reason":"The provider's bill of November"}""",
        DataExample = RefundDoneData.Example,
    };

    private static readonly Rejection NotFound = new(Codes.NotFound, "No call of a model with this run id was posted as an estimate.");

    public void Map(Routes routes) => routes.Map(List, ListEstimates).Map(Adjust, AdjustEstimate);

    private async Task<Reply> ListEstimates(OperatorCall call, EstimatesRequest asked)
    {
        var span = CallSpan.Of(asked.Span, call.Now);
        var found = new List<NamedRow>();
        DateTimeOffset? last = null;
        await foreach (var row in rows.Within(call.Tenant, span, call.Cancel))
        {
            last = row.Time("ended_at");
            if (row.Number("is_estimate") == 0 || (asked.Model is { } model && model != row.Text("service_id"))) continue;
            if (found.Count == Limits.ListItems)
            {
                span.IsCut = true;
                break;
            }

            found.Add(row);
        }

        var back = await BackOf(call, found);
        return Reply.Ok(new EstimatesData(span.From, span.To, [.. found.Select(row => EstimateData.Of(row, back.GetValueOrDefault(row.Text("run_id"))))], span.IsCut ? last : null));
    }

    /// <summary>By run, of those of which something was given back.</summary>
    private async Task<IReadOnlyDictionary<string, long>> BackOf(OperatorCall call, IReadOnlyList<NamedRow> calls)
    {
        if (calls.Count == 0) return new Dictionary<string, long>();

        var own = tables.In(call.Tenant);
        var runs = await own.First(RunTables.Runs, [], [new("run_id", Comparison.AnyOf, calls.Select(row => row.Text("run_id")).ToArray())], calls.Count, call.Cancel);
        var refunded = await Refunded.Of(own, runs, call.Cancel);
        return runs.Where(run => run.OptionalText("payment_id") is { } id && refunded.ContainsKey(id)).ToDictionary(run => run.Text("run_id"), run => refunded[run.Text("payment_id")], StringComparer.Ordinal);
    }

    private async Task<Reply> AdjustEstimate(OperatorCall call, AdjustRequest asked)
    {
        var own = tables.In(call.Tenant);
        if (await own.One(RunTables.ModelCalls, call.Cancel, TableReader.Is("run_id", asked.RunId)) is not { } made || made.Number("is_estimate") == 0
            || await own.One(RunTables.Runs, call.Cancel, TableReader.Is("run_id", asked.RunId)) is not { } run
            || await payments.Facts(call.Tenant, run, call.Cancel) is not { } payment)
        {
            return Reply.Refused(NotFound);
        }

        return await payments.GiveBack(call, payment, asked.Reason, amountMicros: null, leaveMicros: asked.CostMicros);
    }
}

/// <param name="Model">Only its calls; null: all models'.</param>
internal sealed record EstimatesRequest((DateTimeOffset? From, DateTimeOffset? To) Span, string? Model)
{
    public static EstimatesRequest Read(Call call) => new(call.Query.Span(), call.Query.Id("model", "Only calls of this model."));
}

/// <param name="CostMicros">What stays paid.</param>
internal sealed record AdjustRequest(string RunId, long CostMicros, string Reason)
{
    public static AdjustRequest Read(Call call) => new(call.Id("run_id"), call.Body.Cents("cost_cents", "What the provider billed for it: so much stays paid, and the rest goes back.") ?? 0, AdminFlow.Reason(call));
}

internal sealed record EstimatesData(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<EstimateData> Estimates, DateTimeOffset? CountedFrom);

/// <param name="PostedCents">What was held for it.</param>
/// <param name="RefundedCents">Of that, what was given back since.</param>
internal sealed record EstimateData(string RunId, string SessionId, string UserId, string AgentId, string ServiceId, Cents PostedCents, Cents RefundedCents, string? FailureCode, DateTimeOffset EndedAt)
{
    public const string Example =
        """{"run_id":"0198c0de-0000-7000-8000-000000000000","session_id":"0198c0de","user_id":"user-1","agent_id":"agent-1","service_id":"house-model","posted_cents":6.5,"refunded_cents":0,"failure_code":"upstream_failed","ended_at":"2030-01-01T00:00:01.000000Z"}""";

    public static EstimateData Of(NamedRow row, long refundedMicros) => new(
        row.Text("run_id"), row.Text("session_id"), row.Text("user_id"), row.Text("agent_id"), row.Text("service_id"), new(row.Number("cost_micros")), new(refundedMicros), row.OptionalText("failure_code"), row.Time("ended_at"));
}
