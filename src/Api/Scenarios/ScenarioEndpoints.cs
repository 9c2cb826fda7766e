using Agora.Application.Operations;
using Agora.Application.Scenarios;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Scenarios;

/// <summary>
/// Scenarios that a person practises with a model. A play is a chat whose instructions come from one version of a scenario: what is said in it goes by the routes of chats, and here it is begun, helped along, scored, and looked at over time.
/// </summary>
internal sealed class ScenarioEndpoints(AgentPlays plays) : IFeature
{
    private const string Path = "/api/v2/scenario";
    private const string PlayPath = $"{Path}/plays/{{play_id}}";

    private static readonly IReadOnlyList<string> Refusals =
    [
        Codes.NotFound, Codes.ScopeViolation, Codes.ValidationFailed, Codes.NotEligible, Codes.GrantExceeded, Codes.BudgetExceeded, Codes.PaymentRequired, Codes.RunCancelled, Codes.IdempotencyConflict, Codes.IdempotencyInFlight,
        Codes.ConversationClosed, Codes.PayloadTooLarge, Codes.UpstreamFailed, Codes.UpstreamTimeout,
    ];

    public static readonly Operation<Page> List = new(Audience.Agents, "list_scenarios", $"GET {Path}", "Scenarios that can be played")
    {
        ListsIds = ["scenario_id"],
        Read = static call => call.Query.Page(),
        Data = typeof(PlayablesData),
        DataExample = PlayablesData.Example,
    };

    public static readonly Operation<string> Get = new(Audience.Agents, "get_scenario", $"GET {Path}/scenarios/{{scenario_id}}", "A scenario that can be played, as those who play it are shown it")
    {
        Read = static call => call.Id("scenario_id"),
        Data = typeof(PlayableData),
        Codes = [Codes.NotFound],
        DataExample = PlayableData.Example,
    };

    public static readonly Operation<PlayAsked> Begin = new(Audience.Agents, "begin_play", $"POST {Path}/plays", "Begin to play a scenario, or to try a draft of one; what is then said in it is said in its chat")
    {
        ListOnNotFound = static _ => List.Name,
        Read = PlayAsked.Read,
        Status = 201,
        Data = typeof(PlayData),
        Codes = [Codes.NotFound, Codes.ValidationFailed, Codes.NotEligible, Codes.PayloadTooLarge, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"scenario_id":"late-report"}""",
        DataExample = PlayData.Begun,
    };

    public static readonly Operation<Page> ListPlays = new(Audience.Agents, "list_plays", $"GET {Path}/plays", "Plays of the agent with its user, the newest first")
    {
        ListsIds = ["play_id"],
        Read = static call => call.Query.Page(),
        Data = typeof(PlaysData),
        DataExample = PlaysData.Example,
    };

    public static readonly Operation<Guid?> GetPlay = new(Audience.Agents, "get_play", $"GET {PlayPath}", "How a play stands, with its hints and its score")
    {
        Read = PlayId.Of,
        Data = typeof(PlayData),
        Codes = [Codes.NotFound],
        DataExample = PlayData.Example,
    };

    public static readonly Operation<Guid?> Hint = new(Audience.Agents, "hint_in_play", $"POST {PlayPath}/hint", "Ask the scenario's coach what to say next")
    {
        Read = PlayId.Of,
        RequiresKey = true,
        Data = typeof(PlayHintData),
        Codes = Refusals,
        DataExample = PlayHintData.Example,
    };

    public static readonly Operation<Guid?> Score = new(Audience.Agents, "score_play", $"POST {PlayPath}/score", "End a play, and have the scenario's judge score it by the rubric, with reasons")
    {
        Read = PlayId.Of,
        RequiresKey = true,
        Data = typeof(PlayData),
        Codes = Refusals,
        DataExample = PlayData.Example,
    };

    public static readonly Operation<ProgressAsked> Progress = new(Audience.Agents, "get_progress", $"GET {Path}/progress", "What was reached of each criterion over time: strengths, weaknesses, and points for a chart")
    {
        Read = ProgressAsked.Read,
        Data = typeof(PlayProgressData),
        DataExample = PlayProgressData.Example,
    };

    public void Map(Routes routes) => routes.Map(List, ListScenarios).Map(Get, GetScenario).Map(Begin, BeginPlay).Map(ListPlays, ListAllPlays).Map(GetPlay, ShowPlay).Map(Hint, HintInPlay).Map(Score, ScorePlay).Map(Progress, GetProgress);

    private async Task<Reply> ListScenarios(AgentCall call, Page page) => (await plays.List(call.ForModels, page)).Reply(listed => Reply.Ok(new PlayablesData(
        [.. listed.Scenarios.Select(static one => new PlayableListedData(one.ScenarioId, one.Version, one.Title, one.Language, one.UpdatedAt))], listed.Total.Number, listed.Total.Unknown(call.Words), page.Offset, page.Limit)) with { UntrustedFields = ["data.scenarios[].title"] });

    private async Task<Reply> GetScenario(AgentCall call, string id) => (await plays.Get(call.ForModels, id)).Reply(static one => Reply.Ok(PlayableData.Of(one.ScenarioId, one.Version, one.Definition)) with { UntrustedFields = PlayableData.Untrusted });

    private async Task<Reply> BeginPlay(AgentCall call, PlayAsked asked) => (await plays.Begin(call.ForModels, asked)).Reply(static play => Told(play, StatusCodes.Status201Created));

    private async Task<Reply> ShowPlay(AgentCall call, Guid? id) => (await plays.Play(call.ForModels, id)).Reply(static play => Told(play));

    private async Task<Reply> HintInPlay(AgentCall call, Guid? id) => (await plays.Hint(call.ForModels, id)).Reply(static hint => Reply.Ok(PlayHintData.Of(hint)) with { UntrustedFields = ["data.text"] });

    private async Task<Reply> ScorePlay(AgentCall call, Guid? id) => (await plays.Score(call.ForModels, id)).Reply(static play => Told(play));

    private async Task<Reply> ListAllPlays(AgentCall call, Page page) => (await plays.Plays(call.ForModels, page)).Reply(listed =>
        Reply.Ok(new PlaysData([.. listed.Plays.Select(PlayListedData.Of)], listed.Total.Number, listed.Total.Unknown(call.Words), page.Offset, page.Limit)) with { UntrustedFields = ["data.plays[].title"] });

    private async Task<Reply> GetProgress(AgentCall call, ProgressAsked asked) => (await plays.Progress(call.ForModels, asked)).Reply(static progress => Reply.Ok(PlayProgressData.Of(progress)) with { UntrustedFields = ["data.lines[].title"] });

    private static Reply Told(PlayNow play, int status = StatusCodes.Status200OK) => new Reply(status, PlayData.Of(play), null) { UntrustedFields = PlayData.Untrusted };
}
