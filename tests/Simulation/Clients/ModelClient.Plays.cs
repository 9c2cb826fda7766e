using Agora.Contracts;
using Agora.Core;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Runs;
using Agora.Core.Scenarios;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Simulation.Checks;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>
/// A process in which people practise, as the API does it: plays of scenarios, whose versions it puts and retires, are begun, spoken in, helped along and scored, each under a key that comes again, here and at another process, at
/// once or when it was answered. It reads plays from the journal. It dies anywhere.
/// </summary>
public sealed partial class ModelClient
{
    /// <summary>Processes of each tenant in which people practise.</summary>
    public const int Stages = 2;

    /// <summary>At once.</summary>
    private const int MostActs = 12;

    private const string Author = "author";

    /// <summary>As the API numbers them behind the tries of a turn.</summary>
    private const int HintNumber = 3_100;
    private const int ScoreNumber = 3_200;
    private const int Apart = 100;

    /// <summary>Of whoever makes a reply and has not written its end: it is taken for gone behind this.</summary>
    private static readonly TimeSpan EndWrittenWithin = TimeSpan.FromSeconds(40);

    private static readonly string[] Scenarios = ["scenario-1", "scenario-2"];

    public async Task Practise()
    {
        await Write(Entities.Scenario(Any(Scenarios)));
        while (await GoesOn(Cluster.Options.Think))
        {
            _sessions.RemoveRange(0, Math.Max(0, _sessions.Count - 4));
            _calls.RemoveAll(static call => call.IsCompletedSuccessfully);
            if (Random.Next(20) == 0)
            {
                await Write(Entities.Scenario(Any(Scenarios)));
            }
            else if (_sessions.Count == 0 || Random.Next(12) == 0)
            {
                await Enter();
            }
            else if (_calls.Count < MostActs)
            {
                _calls.Add(Practise(Any(_sessions)));
            }
        }

        await Task.WhenAll(_calls);
    }

    /// <summary>Mostly one who was there: so that plays come to their ends.</summary>
    private async Task Enter()
    {
        var (user, agent) = Random.Next(4) > 0 ? (Tenant.Catalogue.Users[0], Tenant.Catalogue.Agents[0]) : (Any(Tenant.Catalogue.Users), Any(Tenant.Catalogue.Agents));
        Keep(await Ask(Entities.User(user), new UserCommand.OpenSession(agent, new(null, null, null, null), null, Random.Next(120, 900), Vouched: false, null, null, EndOldest: true), NewSending(), "Opening a session to practise", static _ => null));
    }

    private Task Write(EntityRef<ScenarioCommand> scenario) => Random.Next(5) == 0
        ? Change<ScenarioEvent.Retired, ScenarioCommand>(scenario, new ScenarioCommand.Retire(), Author, $"The end of {scenario.Stream.Id}")
        : Change<ScenarioEvent.VersionPut, ScenarioCommand>(scenario, new ScenarioCommand.Put(Drawn()), Author, $"A version of {scenario.Stream.Id}");

    /// <summary>So many titles, that some are put again as they are.</summary>
    private ScenarioDefinition Drawn()
    {
        var (n, hints) = (Random.Next(6), Random.Next(4));
        IReadOnlyList<Criterion> rubric = [new("facts", "Facts", "Are they said?", 1 + n, 4), new("calm", "Calm", "Is it kept?", 1, 10)];
        return new($"title {n} {hints}", "en", "A delay.", "A member of the team.", new("Kim", "Busy."), [], rubric, new(hints > 0, hints), new(2 + n, n % 2 == 0 ? "bye" : null), new(Any(FakeModels.All).Terms.ServiceId));
    }

    private async Task Practise(string session)
    {
        var looked = await Ask(Entities.Session(session), new SessionCommand.Peek(null), NewSending(), "A look at a session", static _ => null);
        if (looked?.Reply is not SessionView me) return;
        if (me.Refusal(Tenant.Now) is not null)
        {
            _sessions.Remove(session);
            return;
        }

        var who = string.Join('>', [.. me.Path?.Select(node => node.AgentId) ?? [], me.AgentId]);
        Cluster.History.CatchUp();
        var (sending, open) = (NewKeyed(session), Tenant.Plays.Open(who, me.UserId));
        var stage = new Stage(session, who, me.UserId, open.Count == 0 || Random.Next(10) == 0 ? OwnedIds.Of(sending.CommandId, me.UserId) : Any(open));
        if (Tenant.Plays.Of(stage.Chat) is not { } play)
        {
            await Often(() => Begin(stage, sending));
            return;
        }

        await (Random.Next(play.IsOver ? 5 : 12) switch
        {
            < 4 when play.Turns > 0 && (play.IsOver || Random.Next(5) == 0) => Often(() => Score(stage, sending)),
            < 7 => SayInPlay(stage, sending, play),
            < 11 => Often(() => Hint(stage, sending)),
            _ => Random.Next(6) == 0 ? Ask(Entities.Chat(stage.Chat), new ChatCommand.Delete(who), NewSending(), "The end of a play", static _ => null) : Task.CompletedTask,
        });
    }

    /// <summary>Once; or at another process, too, at the same time, or when it may be answered already.</summary>
    private async Task Often(Func<Task> once)
    {
        var first = once();
        if (Random.Next(2) == 0)
        {
            await Pause(Random.Next(3) > 0 ? Soon : TimeSpan.FromSeconds(40));
            await once();
        }

        await first;
    }

    private async Task Begin(Stage stage, Sending sending)
    {
        Cluster.History.CatchUp();
        if (Tenant.Plays.Of(stage.Chat) is not null) return; // it is shown as it was begun

        var scenario = Any(Scenarios);
        var (versions, isDraft) = (Tenant.Plays.Playable(scenario), Random.Next(5) == 0);
        if (versions.Count == 0 && !isDraft) return;

        var (played, version) = isDraft ? (Drawn(), null) : Random.Next(3) == 0 && Any(versions) is var older ? (older.Definition, older.Version) : (versions[^1].Definition, (int?)versions[^1].Version);
        var begin = new ChatCommand.BeginPlay(stage.Who, new(isDraft ? null : scenario, version, played.Ends.Turns, played.Hints.Most), Personal.Of(played));
        await Ask(Entities.Chat(stage.Chat), begin, sending, $"The beginning of play {stage.Chat}", given => given.Reply is Nothing ? history => history.Count<ChatEvent.PlayBegun>(Stream(Kinds.Chat, stage.Chat), static (_, _) => true) : null);
    }

    private async Task SayInPlay(Stage stage, Sending sending, Plays.Play play)
    {
        var model = Any(FakeModels.All);
        var saying = new Saying(stage.Chat, stage.Who, stage.User, play.Turns, Repeats: null, Ends: Random.Next(8) == 0);
        var request = new Request(stage.Session, model, Tenant.Catalogue.CandidatesFor(model.Terms.ServiceId), sending, Saying: saying);
        var bound = model.Terms.PriceMicros == 0 ? 0 : Random.NextInt64(1, model.Terms.PriceMicros + 1);
        await Ask(request, bound);
        if (Random.Next(2) == 0)
        {
            await SayAgain(request, bound);
        }
    }

    private async Task Hint(Stage stage, Sending sending)
    {
        var (chat, id, run) = (Entities.Chat(stage.Chat), sending.CommandId, Tried(stage.Session, sending, HintNumber));
        Cluster.History.CatchUp();
        if (Tenant.Plays.Of(stage.Chat)?.Given.Contains(id) == true) return; // it is shown
        var asked = await Ask(chat, new ChatCommand.AskHint(stage.Who, id), NewSending(), $"A hint of {stage.Chat}", static _ => null);
        if (asked is not { Reply: Nothing }) return;

        Tenant.Plays.Asks(stage.Chat, id, run.CommandId);
        var (paid, cameToNothing, _) = await AskBeside(stage.Session, run);
        if (paid is { } runId)
        {
            Cluster.History.CatchUp();
            var taken = Tenant.Plays.Of(stage.Chat)!.TakenBack;
            var answer = await Ask(chat, new ChatCommand.GiveHint(stage.Who, id, runId, Personal.Of("Be brief.")), NewSending(), $"A hint of {stage.Chat}", given => given.Reply is Nothing
                ? history => history.Count<ChatEvent.HintGiven>(Stream(Kinds.Chat, stage.Chat), (e, _) => e.Id == id && e.RunId == runId) : null);
            Cluster.History.CatchUp();
            var play = Tenant.Plays.Of(stage.Chat)!;
            Cluster.Findings.Expect(answer?.Rejection != PlayRejection.NoHints || play.Hints.Count == play.Terms.Hints || play.TakenBack > taken, $"Hint {id} of {stage.Chat} was paid, and is not taken though there is room for it.");
        }
        else if (cameToNothing)
        {
            await Pause(Soon);
            await Ask(chat, new ChatCommand.FailHint(stage.Who, id), NewSending(), $"A hint of {stage.Chat} that came to nothing", static _ => null);
        }
    }

    private async Task Score(Stage stage, Sending sending)
    {
        var (chat, id) = (Entities.Chat(stage.Chat), sending.CommandId);
        Cluster.History.CatchUp();
        if (Tenant.Plays.Of(stage.Chat) is not { Percent: null } || IsReplying(stage)) return;

        await Settle(stage);
        var ended = await Ask(chat, new ChatCommand.EndPlay(stage.Who), NewSending(), $"The end of {stage.Chat}", static _ => null);
        if (ended is not { Reply: Nothing }) return;

        Cluster.History.CatchUp();
        if (IsReplying(stage)) return;

        var played = Tenant.Plays.Of(stage.Chat)!;
        Tenant.Plays.Reads(id, played.Turns);
        for (var n = 0; n < 2; n++)
        {
            var judging = Tried(stage.Session, sending, ScoreNumber + (n * Apart));
            var (paid, cameToNothing, isPosted) = await AskBeside(stage.Session, judging, () => Ask(chat, new ChatCommand.AskJudge(stage.Who, judging.CommandId), NewSending(), $"A call of a judge of {stage.Chat}", static _ => null));
            if (isPosted)
            {
                await Ask(chat, new ChatCommand.Judge(stage.Who, judging.CommandId), NewSending(), $"A judgement of {stage.Chat}", static _ => null);
            }
            else if (cameToNothing)
            {
                await Ask(chat, new ChatCommand.FailJudge(stage.Who, judging.CommandId), NewSending(), $"A judge of {stage.Chat} who did nothing", static _ => null);
            }

            if (paid is null) return;
            if (Random.Next(4) == 0) continue; // it is not in the form of the rubric

            IReadOnlyList<CriterionScore> scores = [new("facts", Random.Next(5), 4, 2), new("calm", Random.Next(11), 10, 1)];
            await Ask(chat, new ChatCommand.Score(stage.Who, id, scores, Personal.Of<IReadOnlyList<CriterionReason>>([new("facts", "They were said.", [1])])), NewSending(), $"The score of {stage.Chat}", given => given.Reply is Nothing
                ? history => history.Count<ChatEvent.Scored>(Stream(Kinds.Chat, stage.Chat), static (_, _) => true) : null);
            return;
        }
    }

    /// <summary>Of calls of a judge whose caller is gone.</summary>
    private async Task Settle(Stage stage)
    {
        foreach (var run in Tenant.Plays.Of(stage.Chat)!.Judging.Order().ToList())
        {
            if (Tenant.Plays.IsPaid(run) is not { } isPaid) continue;

            ChatCommand told = isPaid ? new ChatCommand.Judge(stage.Who, run) : new ChatCommand.FailJudge(stage.Who, run);
            await Ask(Entities.Chat(stage.Chat), told, NewSending(), $"What came of a call of a judge of {stage.Chat}", static _ => null);
        }
    }

    /// <summary>Also where whoever makes it is gone, until that is known.</summary>
    private bool IsReplying(Stage stage)
    {
        if (Tenant.Plays.Of(stage.Chat) is not { Turns: > 0 } play) return false;

        var run = play.Replying;
        return Cluster.History.Count<ResponseEvent.Ended>(Stream(Kinds.Response, OwnedIds.Of(run, stage.User)), static (_, _) => true) == 0 && !Cluster.History.Streams.Values.Any(log =>
            log.Stream.Kind == Kinds.Session && log.Stream.Tenant == Tenant.Name && log.Events.Any(c => c.Event is RunEvent.Concluded e && e.RunId == run && c.At + EndWrittenWithin < Tenant.Now));
    }

    /// <summary>A call of our own beside what is asked for.</summary>
    /// <returns>Its run, which was paid and said something; or that it is known that nothing came of it. Neither: it is another's, or nobody knows.</returns>
    /// <param name="counted">Before anything is sent; where it is not taken, nothing is. Null: it counts nowhere.</param>
    /// <returns>Came to nothing: there is no answer, though something may have been posted.</returns>
    private async Task<(Guid? Paid, bool CameToNothing, bool IsPosted)> AskBeside(string session, Sending sending, Func<Task<Answer?>>? counted = null)
    {
        var (model, caller, runId) = (Random.Next(2) == 0 ? FakeModels.All[^1] : Any(FakeModels.All), Cluster.NewId(), sending.CommandId);
        var bound = model.Terms.PriceMicros == 0 ? 0 : Random.NextInt64(1, model.Terms.PriceMicros + 1);
        var command = new RunCommand.RunService(
            Info with { IsOurs = true }, model.Terms.ServiceId, model.Terms, new("null"u8.ToArray()), InputHash: "", NamedCampaignId: null, NamedFound: false, model.Charges ? bound : null, Tenant.Catalogue.CandidatesFor(model.Terms.ServiceId), Keyed: true,
            Model: new(caller, bound, 1, 30, 10, model.Charges));
        var answer = await Ask(Entities.Session(session), command, sending, $"A call beside a play, of {model.Terms.ServiceId}", static _ => null);
        if (answer is null)
        {
            await End(session, runId, caller, Unsent);
            return (null, false, false);
        }

        if (!IsPermitted(answer, caller)) return (null, counted is null && answer.Rejection is not null, false);

        Permitted(session, runId, caller);
        var under = new Under(session, runId, caller, bound);
        if (counted is not null && await counted() is not { Rejection: null })
        {
            await End(session, runId, caller, Unsent);
            return (null, false, false);
        }

        switch (Random.Next(12))
        {
            case 0:
                return (null, false, false); // it dies before it has sent anything
            case 1:
                var nothing = await End(session, runId, caller, Unsent);
                return (null, nothing is not null, IsPosted(nothing));
        }

        var came = Send(under);
        if (Random.Next(10) == 0) return (null, false, false); // it dies, and what was sent is sent

        await GoOn(under, Random.Next(4) == 0 ? TimeSpan.FromSeconds(Random.Next(10, 60)) : Soon * Random.NextDouble());
        var isKnown = Random.Next(6) > 0;
        var ended = await End(session, runId, caller, isKnown ? Known(came) : Unknown);
        var isAnswered = isKnown && ended?.Reply is RunView;
        return (isAnswered ? runId : null, !isAnswered && ended is not null, IsPosted(ended));
    }

    /// <summary>Also where its session had given it up, and has posted what was held.</summary>
    private static bool IsPosted(Answer? ended) => ended is { Rejection: { } no } ? no.FactOf("run_id") is null : ended is not null;

    /// <summary>Of the n-th try of a request: a repeat of it has the same.</summary>
    private Sending Tried(string session, Sending request, int n)
    {
        var key = $"{request.Key!.Key} {n}";
        return new(Ids.FromKey(Tenant.Name, session, key), request.Key with { Key = key });
    }

    /// <summary>Whose play it is, and by which session it goes on.</summary>
    private sealed record Stage(string Session, string Who, string User, string Chat);
}
