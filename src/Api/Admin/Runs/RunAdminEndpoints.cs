using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Runs;

/// <summary>Runs of all sessions that have ended. What they read and wrote is their users': it is not shown here.</summary>
internal sealed class RunAdminEndpoints(TableReader tables, OperatorLists lists, RunTotals sums, IJournalReader journal) : IFeature
{
    private static readonly string[] States = ["succeeded", "failed", "cancelled"];

    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_all_runs", "GET /admin/runs", "Runs and transfers that have ended, newest first")
    {
        ListsIds = ["run_id"],
        Owners = Roles.Owners,
        Read = static call => ListRequest.Read(call, static filters => RunFilters.Read(filters).OneOf("state", "Only those that ended so.", States), hasTotals: true),
        IsList = true,
        Data = typeof(AllRunsData),
        DataExample = $$"""{"runs":[{{RunRowData.Example}}],"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null,"totals":null,"totals_unknown":null}""",
    };

    public static readonly Operation<string> Get = new(Audience.Operators, "get_any_run", "GET /admin/runs/{run_id}", "A run that has ended, and where what belongs to it stands")
    {
        Owners = Role.User,
        Read = static call => call.Id("run_id"),
        Data = typeof(RunLinkedData),
        Codes = [Codes.NotFound],
        DataExample = RunLinkedData.Example,
    };

    private static readonly ListSource<RunRowData> Runs = new(RunFilters.Rows, RunRowData.Of, ListReasons.NoRuns);

    private static readonly Rejection NotFound = new(Codes.NotFound, "No run with this id has ended; one that is under way is shown by its session.");

    public void Map(Routes routes) => routes.Map(List, ListRuns).Map(Get, GetRun);

    private async Task<Reply> ListRuns(OperatorCall call, ListRequest asked)
    {
        if (asked.Filters["state"] is "failed" or "cancelled")
        {
            asked.Filters.Narrow(new Condition("failure_code", Comparison.NotEqual, null)); // They are few, and what they have and others do not has an index.
        }

        var totals = await sums.Of(call, asked, state: "succeeded");
        return await lists.Answer(call, List, asked, Runs, runs => new AllRunsData(runs) { Totals = totals.Data, TotalsUnknown = totals.Unknown });
    }

    private async Task<Reply> GetRun(OperatorCall call, string runId)
    {
        var own = tables.In(call.Tenant);
        if (await own.One(RunTables.Runs, call.Cancel, TableReader.Is("run_id", runId)) is not { } row) return Reply.Refused(NotFound);

        var called = await own.One(RunTables.ModelCalls, call.Cancel, TableReader.Is("run_id", runId)) is null ? null : (await journal.Run(call.Tenant, row.Text("session_id"), Guid.Parse(runId), call.Cancel))?.Model;
        return Reply.Ok(RunLinkedData.Of(row, called, await Links.ToAgent(own, row.Text("agent_id"), call.Cancel)));
    }
}
