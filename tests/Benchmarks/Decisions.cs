using System.Diagnostics;
using System.Globalization;
using Agora.Benchmarks.Results;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Benchmarks;

/// <summary>
/// What deciding costs: sponsored runs through the deciders of session, user and campaign, each event encoded and projected as
/// an entity does it; no engine, no journal, one core. The stream's time goes on as if runs came at the given rate.
/// </summary>
internal static class Decisions
{
    public static Measures Run(Options options)
    {
        var (sessions, campaigns) = (options.Number("sessions", 1_000), options.Number("campaigns", 1));
        var (runs, rounds, rate) = (options.Number("runs", 50_000), options.Number("rounds", 6), options.Number("rate", 15_000));
        var market = new DecidingMarket(sessions, campaigns, TimeSpan.FromSeconds(1.0 / rate));
        market.Run(runs); // until it is compiled for good
        var (best, allocated) = (TimeSpan.MaxValue, 0L);
        for (var round = 0; round < rounds; round++)
        {
            var (cpu, bytes) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
            market.Run(runs);
            allocated = GC.GetAllocatedBytesForCurrentThread() - bytes;
            best = Environment.CpuUsage.TotalTime - cpu is var took && took < best ? took : best;
        }

        var before = market.Counts;
        market.Run(1);
        return Measures.Of([("ns a run, CPU with the collector's", Report.Of(best.TotalNanoseconds / runs), ""),
            ("bytes a run", Report.Of(allocated / (double)runs), ""),
            ("commands, events, payload bytes a run", (market.Counts - before).ToString(), ""),
            .. (options.Number("events", 0) > 0 ? market.EventCosts() : []).Select(cost => ($"  {cost.Name}", cost.Cost, ""))]);
    }
}

internal readonly record struct DecisionCounts(long Commands, long Events, long Bytes)
{
    public static DecisionCounts operator -(DecisionCounts a, DecisionCounts b) => new(a.Commands - b.Commands, a.Events - b.Events, a.Bytes - b.Bytes);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Commands} {Events} {Bytes}");
}

/// <summary>Entities by stream, and their steps carried out at once, one after the other.</summary>
internal sealed class DecidingMarket
{
    private const long Price = 10_000;
    private const int RunsATransfer = 1_000;
    private static readonly SessionPolicy Policy = new(int.MaxValue, 10);
    private static readonly Personal Input = Personal.Of("A text of the length that a short question has.");
    private static readonly StepOutcome Output = new ServiceOutcome.Output("\"A summary.\""u8.ToArray(), 1);
    private readonly Dictionary<StreamId, IDeciding> _entities = [];
    private readonly List<(StreamId Session, RunCommand.RunService Run)> _runs = [];
    private readonly Queue<(StreamId Campaign, Step Transfer)> _transfers = [];
    private readonly TimeSpan _pace;
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private int _commands;
    private int _next;

    public DecidingMarket(int sessions, int campaigns, TimeSpan pace)
    {
        _pace = pace;
        for (var c = 0; c < campaigns; c++)
        {
            Send(StreamId.Campaign($"campaign-{c}"), new CampaignCommand.PutCampaign(Definition(c)));
            Send(StreamId.Campaign($"campaign-{c}"), new CampaignCommand.Fund(Limits.MaxMicros / 10));
        }

        for (var n = 0; n < sessions; n++)
        {
            Open(n, n % campaigns);
        }
    }

    public DecisionCounts Counts => _entities.Values.Aggregate(default(DecisionCounts), (sum, e) => new(sum.Commands + e.Counts.Commands, sum.Events + e.Counts.Events, sum.Bytes + e.Counts.Bytes));

    public void Run(int runs)
    {
        var spent = Spent();
        for (var i = 0; i < runs; i++)
        {
            var (session, run) = _runs[_next++ % _runs.Count];
            _now += _pace;
            Send(session, run with { InputHash = _next.ToString("x64", CultureInfo.InvariantCulture) });
            if (_next % RunsATransfer == 0)
            {
                Settle();
            }
        }

        if (Spent() - spent != runs * Price) throw new InvalidOperationException("Not every run was paid.");
    }

    /// <summary>What encoding the events of one more run takes, each alone.</summary>
    public IEnumerable<(string Name, string Cost)> EventCosts()
    {
        foreach (var entity in _entities.Values)
        {
            entity.Keeps = true;
        }

        Run(1);
        return _entities.Values.SelectMany(e => e.EventCosts());
    }

    private long Spent() => _entities.Values.Select(e => e.State).OfType<SessionState>().Sum(s => s.Budget.Posted);

    private void Open(int n, int campaign)
    {
        var (user, id) = (StreamId.User($"user-{n}"), $"campaign-{campaign}");
        var scopes = new Scopes(["*"], ["*"], ["*"], ["*"]);
        Send(user, new UserCommand.PutUser(Personal.Of(new Profile([], "Asia/Tokyo")), Limits.MaxMicros, null));
        Send(user, new UserCommand.PutGrant("agent-1", new(scopes, Limits.MaxMicros, Limits.MaxMicros, 5, null)));
        Send(user, new UserCommand.OpenSession("agent-1", new(null, null, null, null), Limits.MaxMicros, 86_400, Vouched: false));
        var session = StreamId.Session(((UserState)_entities[user].State).Sessions.Keys.Single());
        Send(session, new SessionCommand.CompleteTask(
            Request("do_task"), id, new(id, "survey", ["preferences"], ["data_sharing"], [], Open: true), [new("data_sharing", true)], Personal.Of("{}")));
        _runs.Add((session, new(
            Request("run_service"), $"service-{campaign}", new($"service-{campaign}", "text", Price, $"provider-{campaign}", null, Disabled: false), Input, "", null, false, null,
            [new(id, "Acme", 1_000_000, null, null)], Keyed: false)));
    }

    private static RequestInfo Request(string operation) => new(operation, "POST /agent/services/{service_id}/run", "service_id=service-1", Policy);

    private static CampaignDefinition Definition(int n) => new(
        "Acme", null, new("Survey", "survey", "One question", "{}", ["preferences"], ["data_sharing"]), [new($"service-{n}", null)], [], 1_000_000, null, null, null, null, null, Active: true);

    private Answer? Send(StreamId stream, object command)
    {
        if (!_entities.TryGetValue(stream, out var entity))
        {
            _entities.Add(stream, entity = New(stream));
        }

        var (answer, steps) = entity.Decide(command, new(_now, Ids.Derive(_now, Guid.Empty, ++_commands)));
        foreach (var step in steps)
        {
            if (step.Target is StepTarget.Entity { Stream.Kind: Kinds.Wallet })
            {
                _transfers.Enqueue((stream, step));
                continue;
            }

            Take(stream, step);
        }

        return answer;
    }

    private void Take(StreamId stream, Step step)
    {
        var outcome = step.Target is StepTarget.Entity to ? new StepOutcome.Answered(Send(to.Stream, Manifest.Heard(to.Stream, to.Command))!) : Output;
        if (step.Then(outcome) is { } next)
        {
            Send(stream, next);
        }
    }

    // A wallet answers long after many runs: what they earned meanwhile is one transfer.
    private void Settle()
    {
        for (var left = _transfers.Count; left > 0; left--)
        {
            var (campaign, transfer) = _transfers.Dequeue();
            Take(campaign, transfer);
        }
    }

    private static IDeciding New(StreamId stream) => Manifest.Of(stream).Use(new Creation(stream));

    private sealed class Creation(StreamId stream) : IEntityUse<IDeciding>
    {
        public IDeciding Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => new Deciding<TState, TCommand, TEvent>(entity, stream);
    }
}

internal interface IDeciding
{
    DecisionCounts Counts { get; }

    object State { get; }

    bool Keeps { set; }

    (Answer? Answer, IReadOnlyList<Step> Steps) Decide(object command, Context context);

    IEnumerable<(string Name, string Cost)> EventCosts();
}

/// <summary>One entity, as EntityHost drives it between a command and its row.</summary>
internal sealed class Deciding<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream) : IDeciding
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private readonly List<TEvent> _kept = [];
    private TState _state = entity.Initial(stream);
    private DecisionCounts _counts;

    public DecisionCounts Counts => _counts;

    public object State => _state;

    public bool Keeps { get; set; }

    public (Answer? Answer, IReadOnlyList<Step> Steps) Decide(object command, Context context)
    {
        var decision = entity.Decide(_state, (TCommand)command, context);
        var candidate = decision.Soft ?? _state;
        var bytes = !decision.Events.IsEmpty && entity.KeepsCause((TCommand)command) ? entity.Commands.Encode((TCommand)command).Payload.Length : 0;
        foreach (var happened in decision.Events)
        {
            candidate = entity.Evolve(candidate, happened, context.Now);
            bytes += entity.Events.Encode(happened).Payload.Length;
            foreach (var row in entity.Rows(candidate, happened, context.Now))
            {
                _ = row.Values.Count;
            }

            _ = entity.Recall(happened, context.CommandId);
            if (Keeps)
            {
                _kept.Add(happened);
            }
        }

        entity.CheckInvariants(candidate, thorough: false);
        _ = entity.Due(candidate);
        _ = entity.IsUnfinished(candidate);
        _state = candidate;
        _counts = new(_counts.Commands + 1, _counts.Events + decision.Events.Length, _counts.Bytes + bytes);
        return (decision.Answer, decision.Steps);
    }

    public IEnumerable<(string Name, string Cost)> EventCosts()
    {
        foreach (var happened in _kept)
        {
            const int Times = 200_000;
            for (var i = 0; i < Times; i++)
            {
                entity.Events.Encode(happened);
            }

            var (started, bytes) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            for (var i = 0; i < Times; i++)
            {
                entity.Events.Encode(happened);
            }

            var allocated = (GC.GetAllocatedBytesForCurrentThread() - bytes) / Times;
            var encoded = entity.Events.Encode(happened);
            yield return (encoded.Name, $"{Stopwatch.GetElapsedTime(started).TotalNanoseconds / Times:N0} ns, {allocated} bytes allocated, {encoded.Payload.Length} written");
        }
    }
}
