using Agora.Journal.Memory;
using Agora.Journal.Tests.Fakes;

namespace Agora.Journal.Tests.Memory;

public sealed class MemoryJournalTests : JournalConformance
{
    private readonly ManualTime _time = new();
    private bool _unavailable;

    protected override long NowMicros => _time.NowMicros;

    protected override Task<IJournal> Open() =>
        Task.FromResult<IJournal>(new MemoryJournal(_time, _ => new JournalFault(_unavailable ? JournalFailure.Unavailable : JournalFailure.None)));

    protected override Task SetUnavailable(bool unavailable)
    {
        _unavailable = unavailable;
        return Task.CompletedTask;
    }

    protected override Task<IJournal> OpenAnother() => Open();

    protected override Task<IJournal> Reopen() => Task.FromResult<IJournal>(((MemoryJournal)Journal).Connect(null));
}
