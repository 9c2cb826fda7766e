using Agora.Api.Chats;
using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Scenarios;

/// <summary>
/// Scenarios that a person practises with a model. A play is a chat whose instructions come from one version of a scenario: what is said in it goes by the routes of chats, and here it is begun, helped along, scored, and looked at over time.
/// </summary>
internal sealed class ScenarioEndpoints(IEntities entities, ScenarioBooks scenarios, ChatBooks books, PlayCalls plays, ModelRoutes routes, PersonalLog log, IJournalReader journal, TableReader tables) : IFeature
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

    private async Task<Reply> ListScenarios(AgentCall call, Page page)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        var (rows, total) = await tables.In(call.Tenant).Page(ScenarioTables.Scenarios, page, [new("scenario_id")], call.Cancel, TableReader.Is("retired", 0L));
        var listed = rows.Select(static row => new PlayableListedData(row.Text("scenario_id"), (int)row.Number("version"), row.Text("title"), row.Text("language"), row.Time("updated_at")));
        return Reply.Ok(new PlayablesData([.. listed], total.Number, total.Unknown(call.Words), page.Offset, page.Limit)) with { UntrustedFields = ["data.scenarios[].title"] };
    }

    private async Task<Reply> GetScenario(AgentCall call, string id)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        return await scenarios.Find(call.Tenant, id, call.Cancel) is { IsRetired: false, Newest: var newest }
            ? Reply.Ok(PlayableData.Of(id, newest.Version, newest.Definition)) with { UntrustedFields = PlayableData.Untrusted } : Reply.Refused(ScenarioRejection.NotFound);
    }

    private async Task<Reply> BeginPlay(AgentCall call, PlayAsked asked)
    {
        var (played, wrong) = call.Findings.Refusal is null ? await Begun(call) is { } before ? (before, null) : await Played(call, asked) : (null, null);
        var (session, refused) = await call.Enter(wrong);
        if (session is null) return refused!;

        var (id, (definition, scenarioId, version)) = (call.Context.CommandId, played!);
        var begin = new ChatCommand.BeginPlay(SessionPaths.Agents(session), new(scenarioId, version, definition.Ends.Turns, definition.Hints.Most), Personal.Of(definition));
        var answer = await entities.In(call.Tenant).Chat(OwnedIds.Of(id, session.UserId)).Send(begin, call.Context);
        if (answer.Rejection is { } why) return Reply.Refused(why);

        return await books.Find(call, session, id) is { } book ? Told(await Shown(call, book, book.Play!), StatusCodes.Status201Created) with { Replayed = answer.Replayed } : Reply.Refused(PlayRejection.NotFound);
    }

    /// <summary>What was begun under this key, whatever became of its scenario since; null: nothing was.</summary>
    private async Task<PlayedScenario?> Begun(AgentCall call) =>
        call.IsKeyed && (await call.Peek()).Reply is SessionView session && await books.Find(call, session, call.Context.CommandId) is { Play: { Definition: { } played, Terms: var terms } }
            ? new(played, terms.ScenarioId, terms.Version) : null;

    /// <summary>What is played, in one version, whose models are there.</summary>
    private async Task<(PlayedScenario? Played, Rejection? Wrong)> Played(AgentCall call, PlayAsked asked)
    {
        if (asked.Draft is { } draft) return await Unknown(call, draft.Models) is { } no ? (null, no) : (new(draft, null, null), null);
        if (await scenarios.Find(call.Tenant, asked.ScenarioId!, call.Cancel) is not { } book) return (null, ScenarioRejection.NotFound);
        if (book.IsRetired) return (null, ScenarioRejection.IsRetired);
        if (book.Version(asked.Version ?? book.Newest.Version) is not { } version) return (null, ScenarioRejection.NoVersion);

        return await Unknown(call, version.Definition.Models) is { } missing ? (null, missing) : (new(version.Definition, asked.ScenarioId, version.Version), null);
    }

    private Task<Rejection?> Unknown(AgentCall call, ScenarioModels named) => routes.Unknown(call.ForModels, [named.Partner, named.Coach, named.Judge]);

    private Task<Reply> ShowPlay(AgentCall call, Guid? id) => In(call, id, async (_, book, play) => Told(await Shown(call, book, play)));

    private Task<Reply> HintInPlay(AgentCall call, Guid? id) => In(call, id, async (session, book, play) =>
    {
        if (Given(book) is { RunId: not null } given) return Hinted(await Shown(call, given)) with { Replayed = true };
        if (play.Definition is not { } played) return Reply.Refused(PlayRejection.NotFound);
        if (await plays.Hint(call, session, book, played) is { } refused) return Reply.Refused(refused);

        return await books.Find(call, session, book.ChatId) is { } now && Given(now) is { } hint ? Hinted(await Shown(call, hint)) : Reply.Refused(PlayRejection.NotFound);

        SaidHint? Given(ChatBook of) => of.Play!.Hints.FirstOrDefault(hint => hint.Id == call.Context.CommandId);

        static Reply Hinted(PlayHintData hint) => Reply.Ok(hint) with { UntrustedFields = ["data.text"] };
    });

    private Task<Reply> ScorePlay(AgentCall call, Guid? id) => In(call, id, async (session, book, play) =>
    {
        // It has one score, under whichever key it was asked for.
        if (play.Score is { } score) return Told(await Shown(call, book, play)) with { Replayed = score.Id == call.Context.CommandId };
        if (play.Definition is not { } played) return Reply.Refused(PlayRejection.NotFound);
        if (await plays.Score(call, session, book, played) is { } refused) return Reply.Refused(refused);

        return await books.Find(call, session, book.ChatId) is { } now ? Told(await Shown(call, now, now.Play!)) : Reply.Refused(PlayRejection.NotFound);
    });

    private async Task<Reply> ListAllPlays(AgentCall call, Page page)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        var (rows, total) = await tables.In(call.Tenant).Page(
            PlayTables.Plays, page, [new("created_at", Descending: true), new("play_id", Descending: true)], call.Cancel,
            TableReader.Is("user_id", session.UserId), TableReader.Is("agent_id", SessionPaths.Agents(session)), TableReader.Is("deleted", 0L));
        var listed = new List<PlayListedData>();
        foreach (var row in rows)
        {
            var id = Guid.ParseExact(row.Text("play_id"), "N");
            var (scenarioId, title) = (row.OptionalText("scenario_id"), (await books.Beginning(call, session, id))?.Play?.Definition?.Title);
            listed.Add(new(id.ToString("D"), scenarioId, (int?)row.OptionalNumber("version"), title, scenarioId is null, row.Text("state"), (int)row.Number("turns"), (int?)row.OptionalNumber("percent"), row.Time("created_at"), row.Time("updated_at")));
        }

        return Reply.Ok(new PlaysData(listed, total.Number, total.Unknown(call.Words), page.Offset, page.Limit)) with { UntrustedFields = ["data.plays[].title"] };
    }

    private async Task<Reply> GetProgress(AgentCall call, ProgressAsked asked)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        List<Agora.Journal.Condition> own = [TableReader.Is("user_id", session.UserId), TableReader.Is("agent_id", SessionPaths.Agents(session)), TableReader.Is("state", PlayTables.Scored)];
        if (asked.ScenarioId is { } one)
        {
            own.Add(TableReader.Is("scenario_id", one));
        }

        var rows = await tables.In(call.Tenant).First(PlayTables.Scores, [new("scored_at", Descending: true), new("play_id", Descending: true), new("criterion_id", Descending: true)], own, ScenarioLimits.Scores, call.Cancel);
        if (rows.Count > 0 && await log.IsErased(UserState.PersonalKeyOf(call.Tenant.Name, session.UserId), call.Cancel))
        {
            rows = [];
        }

        var (known, lines) = (new Dictionary<string, ScenarioBook?>(StringComparer.Ordinal), new List<PlayLineData>());
        foreach (var of in rows.GroupBy(static row => row.Text("criterion_id")).OrderBy(static of => of.Key, StringComparer.Ordinal))
        {
            var points = of.Reverse().Select(static row => new PlayPointData(row.Time("scored_at"), Guid.ParseExact(row.Text("play_id"), "N").ToString("D"), row.Text("scenario_id"), (int)row.Number("version"), (int)row.Number("percent"))).ToList();
            IReadOnlyList<int> percents = [.. points.Select(static point => point.Percent)];
            lines.Add(new(of.Key, await Title(points[^1], of.Key), points.Count, [.. points.TakeLast(Limits.ActivityPoints)], Standings.Mean([.. percents.Take(ScenarioLimits.MeanOf)]), Standings.Mean([.. percents.TakeLast(ScenarioLimits.MeanOf)])));
        }

        var (strengths, weaknesses) = Standings.Of(lines.Select(static c => (c.CriterionId, c.LastPercent)));
        return Reply.Ok(new PlayProgressData(lines, strengths, weaknesses)) with { UntrustedFields = ["data.lines[].title"] };

        async Task<string?> Title(PlayPointData last, string criterionId)
        {
            if (!known.TryGetValue(last.ScenarioId, out var book))
            {
                known[last.ScenarioId] = book = await scenarios.Find(call.Tenant, last.ScenarioId, call.Cancel);
            }

            return book?.Version(last.Version)?.Definition.Criteria.FirstOrDefault(criterion => criterion.Id == criterionId)?.Title;
        }
    }

    private async Task<Reply> In(AgentCall call, Guid? playId, Func<SessionView, ChatBook, SaidPlay, Task<Reply>> answer)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        return playId is { } id && await books.Find(call, session, id) is { Play: { } play } book ? await answer(session, book, play) : Reply.Refused(PlayRejection.NotFound);
    }

    private async Task<PlayData> Shown(AgentCall call, ChatBook book, SaidPlay play)
    {
        var (hints, judged) = (new List<PlayHintData>(), new List<PlayBillData>());
        foreach (var hint in play.Hints)
        {
            hints.Add(await Shown(call, hint));
        }

        foreach (var run in play.Judged.Take(ScenarioLimits.Judgements))
        {
            judged.Add(new(run.ToString("D"), await CostOf(call, run)));
        }

        var (id, state) = (book.ChatId.ToString("D"), play.Score is not null ? PlayTables.Scored : book.IsOver ? PlayTables.Ended : PlayTables.Open);
        return new(
            id, id, play.Definition is { } played ? PlayableData.Of(play.Terms.ScenarioId, play.Terms.Version, played) : null, play.Terms.IsDryRun, state, book.Turns.Count, book.IsOver ? 0 : play.Terms.Turns - book.Turns.Count,
            hints, book.IsOver ? 0 : play.Terms.Hints - hints.Count, play.Score is { } score ? PlayScoreData.Of(score, play.Definition) : null, judged, book.CreatedAt);
    }

    private async Task<PlayHintData> Shown(AgentCall call, SaidHint hint) => new(hint.Id.ToString("D"), hint.After, hint.Text, hint.RunId?.ToString("D"), await CostOf(call, hint.RunId), hint.At);

    private async Task<Cents?> CostOf(AgentCall call, Guid? run) => run is { } id ? ChatReplies.CostOf((await journal.Recorded(call.Tenant, id, CancellationToken.None))?.End as Core.Runs.RunEvent.Concluded) : null;

    private static Reply Told(PlayData play, int status = StatusCodes.Status200OK) => new Reply(status, play, null) { UntrustedFields = PlayData.Untrusted };

    /// <param name="ScenarioId">Null: it is a draft.</param>
    private sealed record PlayedScenario(ScenarioDefinition Definition, string? ScenarioId, int? Version);
}
