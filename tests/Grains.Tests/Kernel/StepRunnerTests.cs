using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Grains.Tests.Kernel;

/// <summary>A step is sent until it is answered or its deadline is over, always as the same command.</summary>
public sealed class StepRunnerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);
    private readonly SimTimeProvider _time = new();
    private readonly SimScheduler _scheduler;
    private readonly List<Envelope> _sent = [];
    private readonly Guid _id = Ids.Derive(DateTimeOffset.UnixEpoch, Guid.Empty, 1);

    public StepRunnerTests() => _scheduler = new(new Random(1), _time);

    [Fact]
    public void An_answer_or_a_refusal_is_the_outcome()
    {
        Assert.Equal(Answer.Of("yes"), Assert.IsType<StepOutcome.Answered>(Outcome(_ => Answer.Of("yes"))).Answer);
        var no = Answer.No(new(Codes.NotFound, "No."));
        Assert.Equal(no, Assert.IsType<StepOutcome.Answered>(Outcome(_ => no)).Answer);
    }

    [Theory]
    [InlineData(FailureKind.Conflict)]
    [InlineData(FailureKind.Overloaded)]
    [InlineData(FailureKind.Unavailable)]
    public void What_may_be_tried_again_is_the_same_command_until_it_is_answered(FailureKind kind)
    {
        Assert.IsType<StepOutcome.Answered>(Outcome(n => n < 4 ? new OperatingFailure(kind) : Answer.Of("yes")));
        Assert.Equal(4, _sent.Count);
        Assert.All(_sent, e => Assert.Equal((_id, true, "question"), (e.CommandId, e.IsStep, e.Body)));
    }

    [Fact]
    public void What_stays_away_is_unreachable_at_the_deadline_after_ever_longer_pauses()
    {
        Assert.IsType<StepOutcome.Unreachable>(Outcome(_ => new OperatingFailure(FailureKind.Unavailable)));
        Assert.InRange(_time.Elapsed, TimeSpan.Zero, Deadline);
        Assert.InRange(_sent.Count, 5, 12);
    }

    [Theory]
    [InlineData(FailureKind.Timeout)]
    [InlineData(FailureKind.Defect)]
    public void What_may_have_been_decided_is_unreachable_at_once(FailureKind kind)
    {
        Assert.IsType<StepOutcome.Unreachable>(Outcome(_ => new OperatingFailure(kind)));
        Assert.Equal((1, TimeSpan.Zero), (_sent.Count, _time.Elapsed));
    }

    [Fact]
    public void What_never_answers_is_unreachable_at_the_deadline()
    {
        Assert.IsType<StepOutcome.Unreachable>(Outcome(_ => null));
        Assert.Equal(Deadline, _time.Elapsed);
    }

    [Fact]
    public void A_step_of_ones_own_has_no_outcome_but_that_it_is_ones_turn() =>
        Assert.IsType<StepOutcome.Unreachable>(_scheduler.Run(() => Runner(_ => null).Run(StreamId.User("u1"), new StepTarget.Self(), _id, null, static _ => { }, default)));

    [Fact]
    public void What_is_to_come_later_comes_when_it_is_time()
    {
        Assert.IsType<StepOutcome.Unreachable>(_scheduler.Run(() => Runner(_ => null).Run(StreamId.User("u1"), new StepTarget.Later(Deadline), _id, null, static _ => { }, default)));
        Assert.Equal(Deadline, _time.Elapsed);
    }

    [Fact]
    public void What_is_to_come_later_comes_as_soon_as_its_activation_ends()
    {
        using var ending = new CancellationTokenSource();
        var later = _scheduler.Start(() => Runner(_ => null).Run(StreamId.User("u1"), new StepTarget.Later(Deadline), _id, null, static _ => { }, ending.Token));
        _scheduler.RunFor(Deadline / 2);
        Assert.False(later.IsCompleted);
        ending.Cancel();
        _scheduler.RunUntil(later);
        Assert.Equal(Deadline / 2, _time.Elapsed);
    }

    /// <param name="answers">What the n-th message is answered with; null: never.</param>
    private StepOutcome Outcome(Func<int, object?> answers) => _scheduler.Run(() =>
        Runner(answers).Run(StreamId.User("u1"), new StepTarget.Entity(StreamId.Wallet("w1"), "question", Deadline), _id, null, static _ => { }, default));

    private StepRunner Runner(Func<int, object?> answers) => OutsideHandlers.Runner(new Entities(new OneWallet(this, answers)), new MemoryJournal(_time), new PlayedService(), new Agora.Grains.Clocks.TenantTimes(new Entities(null!), _time, alone: true));

    [Fact]
    public void Each_user_with_a_live_session_of_the_agent_is_told_and_nobody_else()
    {
        var (journal, users) = (Sessions(), new EachOne(_time));
        var outcome = _scheduler.Run(() => OutsideHandlers.Runner(new Entities(users), journal, new PlayedService(), new Agora.Grains.Clocks.TenantTimes(new Entities(null!), _time, alone: true)).Run(StreamId.Agent("a1"), new StepTarget.Outside(new EachUser("a1", new UserCommand.Tick())), _id, null, static _ => { }, default));
        Assert.IsType<StepOutcome.Answered>(outcome);
        Assert.Equal(Enumerable.Range(0, 100).Select(n => StreamId.User($"u{n}").ToString()).Order(StringComparer.Ordinal), users.Told.Distinct().Select(user => user.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_user_who_stays_away_makes_it_unreachable_and_all_others_are_told()
    {
        var (journal, users) = (Sessions(), new EachOne(_time) { Away = StreamId.User("u7") });
        var outcome = _scheduler.Run(() => OutsideHandlers.Runner(new Entities(users), journal, new PlayedService(), new Agora.Grains.Clocks.TenantTimes(new Entities(null!), _time, alone: true)).Run(StreamId.Agent("a1"), new StepTarget.Outside(new EachUser("a1", new UserCommand.Tick())), _id, null, static _ => { }, default));
        Assert.IsType<StepOutcome.Unreachable>(outcome);
        Assert.Equal(100, users.Told.Distinct().Count());
    }

    /// <summary>Two live sessions of agent a1 at each of a hundred users; others' have been closed, have expired, or are another agent's.</summary>
    private MemoryJournal Sessions()
    {
        var journal = new MemoryJournal(_time);
        var now = _time.GetUtcNow();
        List<OwnedUpsert> rows = [.. Enumerable.Range(0, 200).Select(n => Session($"s{n}", $"u{n / 2}", "a1", now.AddHours(1), null)),
            Session("closed", "v1", "a1", now.AddHours(1), now), Session("expired", "v2", "a1", now.AddHours(-1), null), Session("others", "v3", "a2", now.AddHours(1), null)];
        _scheduler.Run(() => journal.Write(rows, default));
        return journal;
    }

    private static OwnedUpsert Session(string id, string user, string agent, DateTimeOffset expires, DateTimeOffset? closed) => new(
        StreamId.User(user).ToString(), 1, new(TableShapes.Of(UserTables.Sessions), ["default", id, user, agent, 1L, 0L, expires.ToMicros(), closed?.ToMicros(), null, 1L, null]));

    private sealed class EachOne(TimeProvider time) : PlayedCalls(time)
    {
        public List<StreamId> Told { get; } = [];

        public StreamId? Away { get; init; }

        public override Task<Envelope> Send(StreamId stream, Envelope envelope)
        {
            Told.Add(stream);
            return Task.FromResult(new Envelope(envelope.CommandId, null, stream == Away ? new OperatingFailure(FailureKind.Timeout) : Answer.Of(Nothing.Value)));
        }
    }

    private sealed class OneWallet(StepRunnerTests test, Func<int, object?> answers) : PlayedCalls(test._time)
    {
        public override Task<Envelope> Send(StreamId stream, Envelope envelope)
        {
            test._sent.Add(envelope);
            return answers(test._sent.Count) is { } body ? Task.FromResult(new Envelope(envelope.CommandId, null, body)) : new TaskCompletionSource<Envelope>().Task;
        }
    }
}
