using System.Security.Cryptography;
using Agora.Contracts;
using Agora.Core.Funds;
using Agora.Core.Wallets;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Testing;

namespace Agora.Grains.Tests.Product;

public sealed class RebuildTests
{
    // Each is two rows and more; a rebuild writes two thousand at once.
    private const int Deposits = 1_500;

    [Fact]
    public async Task More_rows_than_a_rebuild_writes_at_once_are_each_written_once_and_say_what_they_said()
    {
        await using var world = await World.Start();
        for (var n = 0; n < Deposits; n++)
        {
            Assert.Null((await world.Entities.Wallet("agent:a1").Send(new WalletCommand.Deposit(n + 1, null), world.New(World.Key("admin", $"deposit-{n}")))).Rejection);
        }

        var before = await Funds(world.Journal);
        var counted = new CountedWrites(world.Journal);
        using var keys = new PersonalKeys(counted, new byte[32], RandomNumberGenerator.Fill, world.Time);

        var (_, rows) = await new Rebuilder(counted, keys).Run(default);

        Assert.InRange(counted.Writes, 2, Deposits / 100);
        Assert.Equal(rows, counted.Rows);
        Assert.InRange(rows, 2 * Deposits, long.MaxValue);
        Assert.Equal([Deposits * (Deposits + 1L) / 2], before);
        Assert.Equal(before, await Funds(world.Journal));
    }

    private static Task<IReadOnlyList<long>> Funds(IJournal journal) => journal.Totals(TableShapes.Of(FundTables.Funds), "default", ["balance_micros"], default);

    private sealed class CountedWrites(IJournal inner) : DelegatingJournal(inner)
    {
        public int Writes { get; private set; }

        public long Rows { get; private set; }

        public override Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel)
        {
            (Writes, Rows) = (Writes + 1, Rows + rows.Count);
            return base.Write(rows, cancel);
        }
    }
}
