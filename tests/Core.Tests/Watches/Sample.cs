using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Core.Watches;
using Watch = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Watches.WatchState, Agora.Core.Watches.WatchCommand, Agora.Core.Watches.WatchEvent>;

namespace Agora.Core.Tests.Watches;

/// <summary>A dialogue of two models, and what drivers and people say to it.</summary>
internal static class Sample
{
    public const long Budget = 1_000;

    public static readonly Guid Id = Guid.Parse("01957a00-0000-7000-8000-0000000000d1");
    public static readonly Guid Driver = Guid.Parse("01957a00-0000-7000-8000-0000000000a1");
    public static readonly Guid Another = Guid.Parse("01957a00-0000-7000-8000-0000000000a2");
    public static readonly Personal Brief = Personal.Of(new WatchBrief("Is it so?", [new("Pro", "You say yes."), new("Con", "You say no.")]));
    public static readonly Personal Words = Personal.Of("Let us see.");
    public static readonly WatchPlan Plan = new([new("model-a", Budget), new("model-b", Budget)], 10);

    public static Watch New() => Watch.Of(Tenant.Default.Watch(OwnedIds.Of(Id, "ann"))).Natural(static _ => true).Anew(static (command, _) => command is not WatchCommand.Intervention);

    public static Watch Of(WatchPlan? plan = null) => New().When(new WatchCommand.Begin("a", "s-1", plan ?? Plan, Brief));

    public static Watch Say(this Watch watch, Personal? words = null, int? seat = null, Guid? id = null) => watch.When(new WatchCommand.Say(id ?? watch.NextId(), watch.State.Seen, words ?? Words, seat));

    public static Watch Pause(this Watch watch) => watch.When(new WatchCommand.Pause(watch.NextId(), watch.State.Seen));

    public static Watch Resume(this Watch watch) => watch.When(new WatchCommand.Resume(watch.NextId(), watch.State.Seen));

    public static Watch Stop(this Watch watch) => watch.When(new WatchCommand.Stop(watch.NextId(), watch.State.Seen));

    public static Watch Take(this Watch watch, int seat) => watch.When(new WatchCommand.TakeSeat(watch.NextId(), watch.State.Seen, seat));

    public static Watch Leave(this Watch watch, int seat) => watch.When(new WatchCommand.LeaveSeat(watch.NextId(), watch.State.Seen, seat));

    public static Watch Raise(this Watch watch, int seat, long micros) => watch.When(new WatchCommand.RaiseBudget(watch.NextId(), watch.State.Seen, seat, micros));

    /// <summary>The next turn, as whoever drives it finds it.</summary>
    public static Watch BeginTurn(this Watch watch, long most = 100, Guid? driver = null) => watch.When(new WatchCommand.BeginTurn(driver ?? Driver, watch.State.Turn, watch.State.Attempts + 1, most));

    public static Watch EndTurn(this Watch watch, long cost = 70, TurnFinish finish = TurnFinish.Said) => watch.When(new WatchCommand.EndTurn(Driver, watch.State.Turn, watch.State.Attempts, finish, cost));

    public static Watch FailTurn(this Watch watch, string code = Codes.Unavailable, long cost = 0, bool isFinal = false) => watch.When(new WatchCommand.FailTurn(Driver, watch.State.Turn, watch.State.Attempts, code, cost, isFinal));

    /// <summary>From when on a driver has something to do, by the row of what happened last; null: never.</summary>
    public static DateTimeOffset? Due(this Watch watch) =>
        Assert.Single(WatchTables.Rows(watch.State, watch.Last.Events[^1], watch.Now)).Values[7] is long micros and < long.MaxValue ? DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond) : null;

    public static Watch Spoken(this Watch watch) => watch.BeginTurn().EndTurn();
}
