using System.Security.Cryptography;
using Agora.Api.Hosts;
using Agora.Core.Kernel;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Replay;
using Agora.Testing;

namespace Agora.Api.Tests.Hosts;

public sealed class PolicyReplayTests
{
    private static readonly ReplayRequest Everything = new(
        DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, [new(null, null, 0, null, null, null, null)], null, 0, Limits.PageMax);

    [Fact]
    public async Task Of_two_replays_at_once_the_second_is_turned_away_and_after_a_failure_the_next_runs()
    {
        var journal = new HeldJournal();
        using var keys = new PersonalKeys(journal, new byte[32], RandomNumberGenerator.Fill, TimeProvider.System);
        var replay = new PolicyReplay(journal, keys, TimeProvider.System);

        var first = replay.Run(Tenant.Default, Everything, CancellationToken.None);
        Assert.Null(await replay.Run(Tenant.Default, Everything, CancellationToken.None));
        journal.Held.SetException(new Agora.Journal.JournalUnavailableException("The database is away."));
        await Assert.ThrowsAsync<Agora.Journal.JournalUnavailableException>(() => first);

        journal.Held = new();
        journal.Held.SetResult([]);
        Assert.Equal(0, (await replay.Run(Tenant.Default, Everything, CancellationToken.None))?.Users);
    }

    private sealed class HeldJournal() : DelegatingJournal(new MemoryJournal(TimeProvider.System))
    {
        public TaskCompletionSource<IReadOnlyList<string>> Held { get; set; } = new();

        public override Task<IReadOnlyList<string>> Streams(string prefix, string? after, int limit, CancellationToken cancel) => Held.Task;
    }
}
