using Agora.Journal.Memory;
using Agora.Journal.Tests.Fakes;

namespace Agora.Journal.Tests.Committing;

/// <summary>A committer whose turns, time and journal obey the test.</summary>
public abstract class CommitterFixture
{
    protected CommitterFixture()
    {
        Store = new MemoryJournal(Time);
        Journal = new HeldJournal(Store);
    }

    protected ManualTime Time { get; } = new();

    protected TurnScheduler Turns { get; } = new();

    protected MemoryJournal Store { get; }

    protected HeldJournal Journal { get; }

    protected GroupCommitter Committer(CommitterOptions? options = null) => new(Journal, options ?? new CommitterOptions(), Turns, Time);

    /// <summary>Lets the committer send what it can, and answers until nothing waits.</summary>
    protected void Settle()
    {
        for (Turns.Run(); Journal.Waiting > 0; Turns.Run()) Journal.Answer();
    }

    protected void Answer()
    {
        Journal.Answer();
        Turns.Run();
    }

    protected void Fail(Exception error)
    {
        Journal.Fail(error);
        Turns.Run();
    }

    protected string[] Said(string stream) => [.. Samples.Said(Store.Read(stream, 0, int.MaxValue, default).Now())];

    protected static AppendResult Written(long seq) => new(AppendStatus.Written, seq);

    protected static AppendResult Refused(AppendStatus status) => new(status, 0);
}
