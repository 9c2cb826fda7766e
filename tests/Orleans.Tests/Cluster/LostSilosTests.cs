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

    public LostSilosTests() => _silos = new(_members, TimeProvider.System, NullLogger<LostSilos>.Instance);

    [Fact]
    public async Task A_call_is_sent_once_while_all_members_live_and_others_come()
    {
        var before = await See([], One);
        var call = _silos.Ask(Send);
        await See(before, One, Two);

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
            var call = _silos.Ask(Send);
            await See([One, Two], Two);
            Assert.Equal(2, _sent.Count);

            _sent[answered].SetResult(Late);

            Assert.Same(Late, await call);
        }
    }

    [Fact]
    public async Task A_member_that_was_started_again_at_the_same_address_is_gone()
    {
        var call = _silos.Ask(Send);
        await See([One, Two], OneAgain, Two);

        _sent[1].SetResult(Late);

        Assert.Same(Late, await call);
    }

    [Fact]
    public async Task A_call_that_fails_leaves_it_to_the_one_that_was_sent_beside_it()
    {
        foreach (var failed in new[] { 0, 1 })
        {
            _sent.Clear();
            var call = _silos.Ask(Send);
            await See([One, Two], Two);

            _sent[failed].SetException(new TimeoutException());
            _sent[1 - failed].SetResult(Late);

            Assert.Same(Late, await call);
        }
    }

    [Fact]
    public async Task A_call_that_fails_everywhere_has_failed()
    {
        var call = _silos.Ask(Send);
        await See([One, Two], Two);

        _sent.ForEach(sent => sent.SetException(new TimeoutException()));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task A_call_is_sent_again_for_each_member_that_goes()
    {
        var call = _silos.Ask(Send);
        var left = await See([One, Two], Two);
        await See(left);

        _sent[2].SetResult(Late);

        Assert.Same(Late, await call);
        Assert.Equal(3, _sent.Count);
    }

    private Task<Envelope> Send()
    {
        _sent.Add(new());
        return _sent[^1].Task;
    }

    private Task<HashSet<Uri>> See(HashSet<Uri> before, params Uri[] now)
    {
        _members.Now = now;
        return _silos.Look(before);
    }

    private sealed class Members : IGatewayListProvider
    {
        public IList<Uri> Now { get; set; } = [];

        public TimeSpan MaxStaleness => TimeSpan.Zero;

        public bool IsUpdatable => true;

        public Task InitializeGatewayListProvider() => Task.CompletedTask;

        public Task<IList<Uri>> GetGateways() => Task.FromResult(Now);
    }
}
