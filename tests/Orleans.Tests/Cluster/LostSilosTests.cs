using Agora.Client;
using Agora.Contracts;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Messaging;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>A client's calls when a member of the cluster is gone.</summary>
public sealed class LostSilosTests
{
    private static readonly Uri One = new("gwy.tcp://10.0.0.1:30000/1"), Two = new("gwy.tcp://10.0.0.2:30000/1"), OneAgain = new("gwy.tcp://10.0.0.1:30000/2");
    private static readonly Envelope Early = new(Guid.Empty, null, "early"), Late = new(Guid.Empty, null, "late");
    private readonly Members _members = new();
    private readonly LostSilos _silos;
    private readonly List<TaskCompletionSource<Envelope>> _sent = [];

    public LostSilosTests() => _silos = new(_members, NullLogger<LostSilos>.Instance);

    [Fact]
    public async Task A_call_is_sent_once_while_all_members_live_and_others_come()
    {
        await See(One);
        var call = _silos.Ask(Send);
        await See(One, Two);

        _sent[0].SetResult(Early);

        Assert.Same(Early, await call);
        Assert.Single(_sent);
    }

    [Fact]
    public async Task A_call_under_way_is_sent_again_when_a_member_is_gone_and_the_first_answer_is_the_answer()
    {
        foreach (var answered in new[] { 0, 1 })
        {
            _sent.Clear();
            await Settled(One, Two);
            var call = _silos.Ask(Send);
            await See(Two);
            Assert.Equal(2, _sent.Count);

            _sent[answered].SetResult(Late);

            Assert.Same(Late, await call);
        }
    }

    [Fact]
    public async Task A_member_that_was_started_again_at_the_same_address_is_gone()
    {
        await See(One, Two);
        var call = _silos.Ask(Send);
        await See(OneAgain, Two);

        _sent[1].SetResult(Late);

        Assert.Same(Late, await call);
    }

    [Fact]
    public async Task A_call_that_fails_leaves_it_to_the_one_that_was_sent_beside_it()
    {
        foreach (var failed in new[] { 0, 1 })
        {
            _sent.Clear();
            await Settled(One, Two);
            var call = _silos.Ask(Send);
            await See(Two);

            _sent[failed].SetException(new TimeoutException());
            _sent[1 - failed].SetResult(Late);

            Assert.Same(Late, await call);
        }
    }

    [Fact]
    public async Task A_call_that_fails_everywhere_has_failed()
    {
        await See(One, Two);
        var call = _silos.Ask(Send);
        await See(Two);

        _sent.ForEach(sent => sent.SetException(new TimeoutException()));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_at_the_entity_has_failed_and_is_not_sent_again()
    {
        await See(One);
        var call = _silos.Ask(Send);

        _sent[0].SetCanceled();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Hang.Timeout));
        Assert.Single(_sent);
    }

    /// <summary>The gateway of a silo that hangs takes what is sent to it, until Orleans has given it up: that is certain when Orleans reads the list again.</summary>
    [Fact]
    public async Task A_call_is_sent_again_at_the_reading_after_the_one_in_which_a_member_is_gone_and_then_no_more()
    {
        await See(One, Two);
        var call = _silos.Ask(Send);
        await See(Two);
        var other = _silos.Ask(Send);
        Assert.Equal(3, _sent.Count);
        await See(Two);
        Assert.Equal(5, _sent.Count);
        await See(Two);

        Assert.Equal(5, _sent.Count);
        _sent.ForEach(sent => sent.SetResult(Late));
        Assert.Same(Late, await call);
        Assert.Same(Late, await other);
    }

    [Fact]
    public async Task While_the_list_cannot_be_read_the_last_one_stands_and_nothing_is_sent_again()
    {
        await See(One, Two);
        var call = _silos.Ask(Send);
        _members.Fails = true;

        Assert.Equal([One, Two], (await _silos.GetGateways()).ToHashSet());

        _sent.Single().SetResult(Early);
        Assert.Same(Early, await call);
    }

    [Fact]
    public async Task A_list_that_was_never_read_fails_as_it_does()
    {
        _members.Fails = true;
        await Assert.ThrowsAsync<TimeoutException>(_silos.GetGateways);
    }

    private Task<Envelope> Send()
    {
        _sent.Add(new());
        return _sent[^1].Task;
    }

    private Task<IList<Uri>> See(params Uri[] now)
    {
        _members.Now = now;
        return _silos.GetGateways();
    }

    /// <summary>With no loss that is still to be followed.</summary>
    private async Task Settled(params Uri[] now)
    {
        await See(now);
        await See(now);
        await See(now);
    }

    private sealed class Members : IGatewayListProvider
    {
        public IList<Uri> Now { get; set; } = [];

        public bool Fails { get; set; }

        public TimeSpan MaxStaleness => TimeSpan.Zero;

        public bool IsUpdatable => true;

        public Task InitializeGatewayListProvider() => Task.CompletedTask;

        public Task<IList<Uri>> GetGateways() => Fails ? Task.FromException<IList<Uri>>(new TimeoutException()) : Task.FromResult(Now);
    }
}
