using Agora.Application.Calls;
using Agora.Application.Chats;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Scenarios;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Application.Scenarios;

/// <summary>
/// Scenarios that an agent's user practises with a model. A play is a chat whose instructions come from one version of a scenario. What is said in it is said by the use case of chats; here it is begun, helped, scored, and looked at over time.
/// </summary>
internal sealed class AgentPlays(IEntities entities, ScenarioBooks scenarios, ChatBooks books, PlayCalls plays, ModelRoutes routes, PersonalLog log, IJournalReader journal, TableReader tables)
{
    /// <summary>Scenarios that can be played.</summary>
    public async Task<Result<ScenarioPage>> List(ModelCaller call, Page page)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<ScenarioPage>(refused!);

        var (rows, total) = await tables.In(call.Tenant).Page(ScenarioTables.Scenarios, page, [new("scenario_id")], call.Cancel, TableReader.Is("retired", 0L));
        return Result.Of(new ScenarioPage([.. rows.Select(static row => new ScenarioLine(row.Text("scenario_id"), (int)row.Number("version"), row.Text("title"), row.Text("language"), row.Time("updated_at")))], total));
    }

    public async Task<Result<PlayedScenario>> Get(ModelCaller call, string id)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<PlayedScenario>(refused!);

        return await scenarios.Find(call.Tenant, id, call.Cancel) is { IsRetired: false, Newest: var newest } ? Result.Of(new PlayedScenario(newest.Definition, id, newest.Version)) : Result.Refused<PlayedScenario>(ScenarioRejection.NotFound);
    }

    /// <summary>Begins a play, under an id that follows from the call. That is the call's one durable change.</summary>
    public async Task<Result<PlayNow>> Begin(ModelCaller call, PlayAsked asked)
    {
        var (played, wrong) = call.Caller.IsWrong ? (null, null) : await Begun(call) is { } before ? (before, null) : await Played(call, asked);
        var (session, refused) = await call.Enter(wrong);
        if (session is null) return Result.Refused<PlayNow>(refused!);

        var (id, (definition, scenarioId, version)) = (call.Context.CommandId, played!);
        var begin = new ChatCommand.BeginPlay(SessionPaths.Agents(session), new(scenarioId, version, definition.Ends.Turns, definition.Hints.Most), Personal.Of(definition));
        var answer = await entities.In(call.Tenant).Chat(OwnedIds.Of(id, session.UserId)).Send(begin, call.Context);
        if (answer.Rejection is { } why) return Result.Refused<PlayNow>(why);

        return await books.Find(call, session, id) is { } book ? Result.Of(await Shown(call, book, book.Play!)) with { Replayed = answer.Replayed } : Result.Refused<PlayNow>(PlayRejection.NotFound);
    }

    /// <summary>What was begun under this key, whatever happened to its scenario since. Null if nothing was.</summary>
    private async Task<PlayedScenario?> Begun(ModelCaller call) =>
        call.IsKeyed && await call.Peek() is { } session && await books.Find(call, session, call.Context.CommandId) is { Play: { Definition: { } played, Terms: var terms } }
            ? new(played, terms.ScenarioId, terms.Version) : null;

    /// <summary>What is played, in one version, whose models are there.</summary>
    private async Task<(PlayedScenario? Played, Rejection? Wrong)> Played(ModelCaller call, PlayAsked asked)
    {
        if (asked.Draft is { } draft) return await Unknown(call, draft.Models) is { } no ? (null, no) : (new(draft, null, null), null);
        if (await scenarios.Find(call.Tenant, asked.ScenarioId!, call.Cancel) is not { } book) return (null, ScenarioRejection.NotFound);
        if (book.IsRetired) return (null, ScenarioRejection.IsRetired);
        if (book.Version(asked.Version ?? book.Newest.Version) is not { } version) return (null, ScenarioRejection.NoVersion);

        return await Unknown(call, version.Definition.Models) is { } missing ? (null, missing) : (new(version.Definition, asked.ScenarioId, version.Version), null);
    }

    private Task<Rejection?> Unknown(ModelCaller call, ScenarioModels named) => routes.Unknown(call, [named.Partner, named.Coach, named.Judge]);

    /// <param name="id">Null if no play has the caller's id.</param>
    public Task<Result<PlayNow>> Play(ModelCaller call, Guid? id) => In(call, id, async (_, book, play) => Result.Of(await Shown(call, book, play)));

    /// <summary>Asks the scenario's coach what to say next. A repeat gives the same hint.</summary>
    /// <param name="id">Null if no play has the caller's id.</param>
    public Task<Result<HintNow>> Hint(ModelCaller call, Guid? id) => In(call, id, async (session, book, play) =>
    {
        if (Given(book) is { RunId: not null } given) return Result.Of(await Shown(call, given)) with { Replayed = true };
        if (play.Definition is not { } played) return Result.Refused<HintNow>(PlayRejection.NotFound);
        if (await plays.Hint(call, session, book, played) is { } refused) return Result.Refused<HintNow>(refused);

        return await books.Find(call, session, book.ChatId) is { } now && Given(now) is { } hint ? Result.Of(await Shown(call, hint)) : Result.Refused<HintNow>(PlayRejection.NotFound);

        SaidHint? Given(ChatBook of) => of.Play!.Hints.FirstOrDefault(hint => hint.Id == call.Context.CommandId);
    });

    /// <summary>Ends a play and has the scenario's judge score it. A play has one score, under whichever key it was asked for.</summary>
    /// <param name="id">Null if no play has the caller's id.</param>
    public Task<Result<PlayNow>> Score(ModelCaller call, Guid? id) => In(call, id, async (session, book, play) =>
    {
        if (play.Score is { } score) return Result.Of(await Shown(call, book, play)) with { Replayed = score.Id == call.Context.CommandId };
        if (play.Definition is not { } played) return Result.Refused<PlayNow>(PlayRejection.NotFound);
        if (await plays.Score(call, session, book, played) is { } refused) return Result.Refused<PlayNow>(refused);

        return await books.Find(call, session, book.ChatId) is { } now ? Result.Of(await Shown(call, now, now.Play!)) : Result.Refused<PlayNow>(PlayRejection.NotFound);
    });

    /// <summary>Plays of the agent with its user, newest first.</summary>
    public async Task<Result<PlayPage>> Plays(ModelCaller call, Page page)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<PlayPage>(refused!);

        var (rows, total) = await tables.In(call.Tenant).Page(
            PlayTables.Plays, page, [new("created_at", Descending: true), new("play_id", Descending: true)], call.Cancel,
            TableReader.Is("user_id", session.UserId), TableReader.Is("agent_id", SessionPaths.Agents(session)), TableReader.Is("deleted", 0L));
        var listed = new List<PlayLine>();
        foreach (var row in rows)
        {
            var id = Guid.ParseExact(row.Text("play_id"), "N");
            var title = (await books.Beginning(call, session, id))?.Play?.Definition?.Title;
            listed.Add(new(id, row.OptionalText("scenario_id"), (int?)row.OptionalNumber("version"), title, row.Text("state"), (int)row.Number("turns"), (int?)row.OptionalNumber("percent"), row.Time("created_at"), row.Time("updated_at")));
        }

        return Result.Of(new PlayPage(listed, total));
    }

    /// <summary>What was reached of each criterion over time.</summary>
    public async Task<Result<PlayProgress>> Progress(ModelCaller call, ProgressAsked asked)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<PlayProgress>(refused!);

        List<Condition> own = [TableReader.Is("user_id", session.UserId), TableReader.Is("agent_id", SessionPaths.Agents(session)), TableReader.Is("state", PlayTables.Scored)];
        if (asked.ScenarioId is { } one)
        {
            own.Add(TableReader.Is("scenario_id", one));
        }

        var rows = await tables.In(call.Tenant).First(PlayTables.Scores, [new("scored_at", Descending: true), new("play_id", Descending: true), new("criterion_id", Descending: true)], own, ScenarioLimits.Scores, call.Cancel);
        if (rows.Count > 0 && await log.IsErased(UserState.PersonalKeyOf(call.Tenant.Name, session.UserId), call.Cancel))
        {
            rows = [];
        }

        var (known, lines) = (new Dictionary<string, ScenarioBook?>(StringComparer.Ordinal), new List<ProgressLine>());
        foreach (var of in rows.GroupBy(static row => row.Text("criterion_id")).OrderBy(static of => of.Key, StringComparer.Ordinal))
        {
            var points = of.Reverse().Select(static row => new ProgressPoint(row.Time("scored_at"), Guid.ParseExact(row.Text("play_id"), "N"), row.Text("scenario_id"), (int)row.Number("version"), (int)row.Number("percent"))).ToList();
            IReadOnlyList<int> percents = [.. points.Select(static point => point.Percent)];
            lines.Add(new(of.Key, await Title(points[^1], of.Key), points, Standings.Mean([.. percents.Take(ScenarioLimits.MeanOf)]), Standings.Mean([.. percents.TakeLast(ScenarioLimits.MeanOf)])));
        }

        return Result.Of(new PlayProgress(lines));

        async Task<string?> Title(ProgressPoint last, string criterionId)
        {
            if (!known.TryGetValue(last.ScenarioId, out var book))
            {
                known[last.ScenarioId] = book = await scenarios.Find(call.Tenant, last.ScenarioId, call.Cancel);
            }

            return book?.Version(last.Version)?.Definition.Criteria.FirstOrDefault(criterion => criterion.Id == criterionId)?.Title;
        }
    }

    private async Task<Result<T>> In<T>(ModelCaller call, Guid? playId, Func<SessionView, ChatBook, SaidPlay, Task<Result<T>>> answer)
        where T : class
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<T>(refused!);

        return playId is { } id && await books.Find(call, session, id) is { Play: { } play } book ? await answer(session, book, play) : Result.Refused<T>(PlayRejection.NotFound);
    }

    private async Task<PlayNow> Shown(ModelCaller call, ChatBook book, SaidPlay play)
    {
        var (hints, judged) = (new List<HintNow>(), new List<PlayBill>());
        foreach (var hint in play.Hints)
        {
            hints.Add(await Shown(call, hint));
        }

        foreach (var run in play.Judged.Take(ScenarioLimits.Judgements))
        {
            judged.Add(new(run, await CostOf(call, run)));
        }

        return new(book, play, hints, judged);
    }

    private async Task<HintNow> Shown(ModelCaller call, SaidHint hint) => new(hint, await CostOf(call, hint.RunId));

    private async Task<long?> CostOf(ModelCaller call, Guid? run) => run is { } id ? ChatReplies.CostOf((await journal.Recorded(call.Tenant, id, CancellationToken.None))?.End as RunEvent.Concluded) : null;
}

/// <summary>A scenario in one version.</summary>
/// <param name="ScenarioId">Null if it is a draft.</param>
/// <param name="Version">Null if it is a draft.</param>
internal sealed record PlayedScenario(ScenarioDefinition Definition, string? ScenarioId, int? Version);

internal sealed record ScenarioLine(string ScenarioId, int Version, string Title, string Language, DateTimeOffset UpdatedAt);

internal sealed record ScenarioPage(IReadOnlyList<ScenarioLine> Scenarios, Total Total);

/// <summary>A play as it is, with what was paid for it.</summary>
/// <param name="Judged">Calls of the judge that were paid, those whose answer was of no use among them.</param>
internal sealed record PlayNow(ChatBook Book, SaidPlay Play, IReadOnlyList<HintNow> Hints, IReadOnlyList<PlayBill> Judged);

/// <param name="CostMicros">Null if it is not paid yet.</param>
internal sealed record HintNow(SaidHint Hint, long? CostMicros);

/// <param name="CostMicros">Null if it is not paid yet.</param>
internal sealed record PlayBill(Guid RunId, long? CostMicros);

/// <param name="ScenarioId">Null if it is a draft.</param>
/// <param name="Title">Null if the user's data were erased.</param>
/// <param name="Percent">Null if it was not scored yet.</param>
internal sealed record PlayLine(Guid PlayId, string? ScenarioId, int? Version, string? Title, string State, int Turns, int? Percent, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

internal sealed record PlayPage(IReadOnlyList<PlayLine> Plays, Total Total);

internal sealed record PlayProgress(IReadOnlyList<ProgressLine> Lines);

/// <param name="Title">In the version that was played last. Null if it is not there.</param>
/// <param name="Points">In the order of time.</param>
/// <param name="FirstPercent">The mean of the first five.</param>
/// <param name="LastPercent">The mean of the last five.</param>
internal sealed record ProgressLine(string CriterionId, string? Title, IReadOnlyList<ProgressPoint> Points, int FirstPercent, int LastPercent);

internal sealed record ProgressPoint(DateTimeOffset At, Guid PlayId, string ScenarioId, int Version, int Percent);
