using Agora.Api.Scenarios;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Scenarios;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
using Agora.Web;

namespace Agora.Api.Admin.Scenarios;

/// <summary>Scenarios that people practise, as operators keep them: each put that changes something is the next version, and none is ever changed.</summary>
internal sealed class ScenarioAdminEndpoints(IEntities entities, ScenarioBooks books, TableReader tables) : IFeature
{
    private const string Path = "/admin/scenarios/{scenario_id}";
    private const string Samples = "samples";

    public static readonly Operation<ScenarioPut> Put = new(Audience.Operators, "put_scenario", $"PUT {Path}", "Put the next version of a scenario that people practise; putting it opens a retired one again")
    {
        Read = ScenarioPut.Read,
        Data = typeof(ScenarioData),
        Codes = [.. AdminFlow.Edit, Codes.NotEligible],
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = ScenarioData.Body,
        DataExample = ScenarioData.Example,
    };

    public static readonly Operation<string> Get = Edits.Read(Put, "get_any_scenario", "A scenario as it is now, and which versions it has", static call => call.Id("scenario_id"));

    public static readonly Operation<Page> List = new(Audience.Operators, "list_all_scenarios", "GET /admin/scenarios", "List all scenarios, retired or not")
    {
        ListsIds = ["scenario_id", "version"],
        Read = static call => call.Query.Page(),
        Data = typeof(ScenariosData),
        DataExample = ScenariosData.Example,
    };

    public static readonly Operation<(string ScenarioId, string Version)> GetVersion = new(Audience.Operators, "get_scenario_version", $"GET {Path}/versions/{{version}}", "A version of a scenario, as it was put")
    {
        Read = static call => (call.Id("scenario_id"), call.Id("version")),
        Data = typeof(ScenarioData),
        Codes = [Codes.NotFound],
        DataExample = ScenarioData.Example,
    };

    public static readonly Operation<string> Retire = new(Audience.Operators, "retire_scenario", $"DELETE {Path}", "Retire a scenario: nobody begins to play it any more, and plays that were begun go on")
    {
        Read = static call => call.Id("scenario_id"),
        Data = typeof(ScenarioData),
        Codes = AdminFlow.Mutation,
        DataExample = ScenarioData.Example,
    };

    public static readonly Operation<NoFields> ShowSamples = new(Audience.Operators, "list_scenario_samples", $"GET /admin/scenarios/{Samples}", "Scenarios to begin with, in Japanese and English: each is put by an author, with models of its own")
    {
        Read = NoFields.Read,
        Data = typeof(ScenarioSamplesData),
        DataExample = ScenarioSamplesData.Example,
    };

    private readonly Editing<string, ScenarioPut, ScenarioCommand, ScenarioView> _edits = new()
    {
        Get = Get,
        Put = Put,
        Entity = (tenant, id) => entities.In(tenant).Scenario(id),
        Find = async (call, id) =>
        {
            var versions = (await books.Find(call.Tenant, id, call.Cancel))?.Versions ?? [];
            return Found.Of<ScenarioView>(
                await entities.In(call.Tenant).Scenario(id).Send(new ScenarioCommand.Get(), call.Fresh()),
                view => ScenarioData.Of(view) with { Versions = [.. versions.Reverse().Select(static v => new ScenarioVersionData(v.Version, v.Definition.Title, v.UpdatedAt))] });
        },
        IdOf = static put => put.ScenarioId,
        Path = static id => [id],
        Command = static (put, replacing) => new ScenarioCommand.Put(put.Definition, replacing),
        Etag = static view => view.Etag,
        Data = static (_, view) => ScenarioData.Of(view),
        Wrong = static (_, put) => put.ScenarioId == Samples ? Findings.Invalid("", "not", "samples is where samples are: another id is wanted.") : null,
    };

    public void Map(Routes routes) => routes.Map(ShowSamples, ListSamples).Map(Put, _edits.Replace).Map(Get, _edits.Read).Map(List, ListScenarios).Map(GetVersion, ShowVersion).Map(Retire, RetireScenario);

    private static Task<Reply> ListSamples(OperatorCall call, NoFields none) => Task.FromResult(Reply.Ok(ScenarioSamples.Data));

    private Task<Reply> ListScenarios(OperatorCall call, Page page) => AdminFlow.Listed(
        call, page, tables, ScenarioTables.Scenarios, "scenario_id",
        static row => new ScenarioListedData(row.Text("scenario_id"), (int)row.Number("version"), row.Number("retired") != 0, row.Text("title"), row.Text("language"), row.Time("updated_at")),
        (scenarios, total) => new ScenariosData(scenarios, total.Number, total.Unknown(call.Words), page.Offset, page.Limit));

    private async Task<Reply> ShowVersion(OperatorCall call, (string ScenarioId, string Version) asked)
    {
        if (await books.Find(call.Tenant, asked.ScenarioId, call.Cancel) is not { } book) return Reply.Refused(ScenarioRejection.NotFound);

        return ScenarioPut.Number(asked.Version) is { } number && book.Version(number) is { } version ? Reply.Ok(ScenarioData.Of(version with { Dropped = null })) : Reply.Refused(ScenarioRejection.NoVersion);
    }

    private Task<Reply> RetireScenario(OperatorCall call, string id) => call.Send<ScenarioCommand, ScenarioView>(entities.In(call.Tenant).Scenario(id), new ScenarioCommand.Retire(), ScenarioData.Of);
}

/// <summary>A scenario as it shall be: whole.</summary>
internal sealed record ScenarioPut(string ScenarioId, ScenarioDefinition Definition)
{
    public static ScenarioPut Read(Call call)
    {
        var id = call.Id("scenario_id");
        return new(id, ScenarioForm.Read(call.Body));
    }

    /// <summary>Null: it is no number.</summary>
    public static int? Number(string text) => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
