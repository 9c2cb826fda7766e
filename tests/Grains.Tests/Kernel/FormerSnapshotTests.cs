using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Wallets;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Tests.Kernel;

/// <summary>States that a former release saved are read as long as what they leave out means nothing: replaying a long stream instead takes minutes.</summary>
public sealed class FormerSnapshotTests
{
    private const string Wallet2 = """
        {"stream":"default/wallet/agent:a1","balance":{"limit":210,"posted":0,"held":0},"entered_micros":100,"left_micros":0,"credited_micros":150,"owed_micros":40,
        "sent_micros":40,"arrived_micros":40,"entries":4,"holds":[],"sources":[{"source":"default/campaign/c1","last_number":2,"sum_micros":150}],
        "payables":[{"wallet":"agent:b1","owed_micros":0,"last_number":3}],"updated_at":"2026-03-01T12:00:00+00:00"}
        """;

    private readonly HostFixture _fixture = new();

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 210)]
    [InlineData(4, 100)]
    public void A_wallets_snapshot_of_version_2_is_read_and_an_older_or_newer_one_is_not(int version, long balance)
    {
        Saved(version);
        Assert.Equal(balance, ViewIn(_fixture.Ask(_fixture.Wallet("agent:a1").Send, new WalletCommand.Get())).BalanceMicros);
    }

    [Fact]
    public void The_numbers_of_a_snapshot_of_version_2_go_on_from_there()
    {
        Saved(2);
        var send = _fixture.Wallet("agent:a1").Send;
        var earlier = new NodeCommand.Credit("default/campaign/c1", new(2, 50, "runs")); // a process of that release stamps nothing
        var asked = new List<object>();
        _fixture.Steps = target => { asked.Add(((StepTarget.Entity)target).Command); return new TaskCompletionSource<StepOutcome>().Task; };

        _fixture.Ask(send, (WalletCommand)earlier);
        _fixture.Ask(send, (WalletCommand)(earlier with { Transfer = earlier.Transfer with { Number = 3, AmountMicros = 5 } }));
        _fixture.Ask(send, new WalletCommand.Transfer(_fixture.NewId(), "agent:b1", 15, "thanks", PayeeKnown: true));

        Assert.Equal(200, ViewIn(_fixture.Ask(send, new WalletCommand.Get())).BalanceMicros);
        Assert.Equal(4, Assert.IsType<NodeCommand.Credit>(Assert.Single(asked)).Transfer.Number);
    }

    /// <summary>Rows that no decider would have written, here from a snapshot that is believed and says more than the rows.</summary>
    [Fact]
    public void A_rebuild_over_a_history_that_cannot_be_ends_with_the_stream_named()
    {
        Saved(2);
        var taken = _fixture.Ask(_fixture.Wallet("agent:a1").Send, (WalletCommand)new NodeCommand.Reserve(_fixture.NewId(), "default/session/s1", _fixture.NewId(), 150, new ReserveTerms.OfWallet("agent:b1")));
        Assert.Null(Assert.IsType<Answer>(taken).Rejection);

        var keys = new PersonalKeys(_fixture.Journal, new byte[32], RandomNumberGenerator.Fill, _fixture.Time);
        var refused = Assert.Throws<JournalRefusedException>(() => _fixture.Scheduler.Run(() => new Rebuilder(_fixture.Journal, keys).Run(CancellationToken.None)));

        Assert.StartsWith("stream default/wallet/agent:a1: what its rows say cannot be (Broken invariant: within_limit.)", refused.Message, StringComparison.Ordinal);
    }

    private void Saved(int version)
    {
        var name = StreamId.Wallet("agent:a1").ToString();
        _fixture.Ask(_fixture.Wallet("agent:a1").Send, new WalletCommand.Deposit(100));
        var row = _fixture.Scheduler.Run(() => _fixture.Journal.Read(name, 0, 10, CancellationToken.None))[^1];
        _fixture.Scheduler.Run(() => _fixture.Journal.SaveSnapshot(name, _fixture.Snapshots.Seal(name, new(row.Seq, row.Hash, version, null, Encoding.UTF8.GetBytes(Wallet2))), CancellationToken.None));
    }

    private static WalletView ViewIn(object body) => Assert.IsType<WalletView>(Assert.IsType<Answer>(body).Reply);
}
