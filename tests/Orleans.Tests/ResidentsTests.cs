using System.Diagnostics;
using Agora.Contracts;
using Agora.Grains.Kernel;
using Agora.Specifications;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace Agora.Orleans.Tests;

/// <summary>A silo that keeps at most twenty entities in memory.</summary>
public sealed class ResidentsTests : IAsyncLifetime
{
    private const int AtMost = 20;
    private static readonly Caller Member = Caller.OfCluster("silo", new byte[32]);
    private static readonly Residents Residents = new(AtMost, TimeProvider.System);
    private readonly TestCluster _cluster = new TestClusterBuilder(1).AddSiloBuilderConfigurator<Silo>().AddClientBuilderConfigurator<Client>().Build();
    private GrainCalls? _calls;

    public async Task InitializeAsync()
    {
        await _cluster.DeployAsync();
        _calls = ProbeGrain.Calls(((InProcessSiloHandle)_cluster.Primary!).SiloHost.Services.GetRequiredService<IGrainFactory>());
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Beyond_the_bound_those_called_longest_ago_that_owe_no_answer_leave_and_where_none_can_leave_no_more_come_than_a_quarter_beyond()
    {
        var keys = Enumerable.Range(0, AtMost).Select(static _ => NewKey()).ToList();
        var first = Ask(keys[0], "wait");
        await Probe.Of(keys[0]).Entered.Task.WaitAsync(Hang.Timeout);
        foreach (var key in keys[1..]) await Ask(key, "count");
        await Ask(keys[1], "count");
        Assert.Equal(AtMost, Residents.Count);

        Assert.Equal("1", await Ask(NewKey(), "count"));

        // Down to nine tenths: three of twenty-one. The first owes an answer, the second was called since.
        foreach (var key in keys[2..5]) await Probe.Of(key).Deactivated.Task.WaitAsync(Hang.Timeout);
        Assert.All([keys[0], keys[1], .. keys[5..]], static key => Assert.DoesNotContain("deactivate", Probe.Of(key).Log));
        Assert.Equal("1", await Ask(keys[2], "count"));

        var held = Enumerable.Range(0, AtMost + (AtMost / 4)).Select(static _ => NewKey()).ToList();
        var asked = new List<Task<object>>();
        foreach (var key in held)
        {
            asked.Add(Ask(key, "wait"));
            await Task.WhenAny(Probe.Of(key).Entered.Task, asked[^1]).WaitAsync(Hang.Timeout);
        }

        var refused = asked.Where(static one => one.IsCompleted).ToList();
        Assert.All(refused, static one => Assert.Equal(new OperatingFailure(FailureKind.Unavailable, RetryAfterSeconds: 2), one.Result));
        Assert.NotEmpty(refused);
        Assert.InRange(Residents.Count, 1, AtMost + (AtMost / 4));

        foreach (var key in held.Prepend(keys[0])) Probe.Of(key).Gate.TrySetResult();
        await Task.WhenAll(asked.Prepend(first)).WaitAsync(Hang.Timeout);
        var patience = Stopwatch.StartNew();
        object answer;
        while ((answer = await Ask(NewKey(), "count")) is OperatingFailure && patience.Elapsed < Hang.Timeout) await Task.Yield();
        Assert.Equal("1", answer);
    }

    [Fact]
    public async Task An_entity_whose_message_failed_owes_no_answer_and_leaves_as_others_do()
    {
        var keys = Enumerable.Range(0, AtMost).Select(static _ => NewKey()).ToList();
        foreach (var key in keys) await Assert.ThrowsAsync<InvalidOperationException>(() => Ask(key, "fail"));

        await Ask(NewKey(), "count"); // one more than there may be

        foreach (var key in keys[..3]) await Probe.Of(key).Deactivated.Task.WaitAsync(Hang.Timeout);
    }

    [Fact]
    public async Task An_entity_that_is_to_leave_takes_messages_until_what_it_began_is_over()
    {
        var key = NewKey();
        await Ask(key, "begin");

        var left = Residents.Leave(CancellationToken.None);

        Assert.Equal("1", await Ask(key, "count"));
        Assert.DoesNotContain("deactivate", Probe.Of(key).Log);
        Probe.Of(key).Gate.SetResult();
        await left.WaitAsync(Hang.Timeout);
        await Probe.Of(key).Deactivated.Task.WaitAsync(Hang.Timeout);
        Assert.Equal(1, Probe.Of(key).Activations);
    }

    /// <summary>The caller check refuses their commands, so none reaches the activation that would answer that there is no room.</summary>
    [Fact]
    public async Task Strangers_leave_no_activations_behind_where_there_is_no_room()
    {
        var held = Enumerable.Range(0, AtMost + (AtMost / 4)).Select(static _ => NewKey()).ToList();
        var asked = new List<Task<object>>();
        foreach (var key in held)
        {
            asked.Add(Ask(key, "wait"));
            await Task.WhenAny(Probe.Of(key).Entered.Task, asked[^1]).WaitAsync(Hang.Timeout);
        }

        var stranger = ProbeGrain.Calls(_cluster.Client);
        await Parallel.ForEachAsync(Enumerable.Range(0, 4 * AtMost), async (_, _) => await Record.ExceptionAsync(() => stranger.Send(Probe.Stream(NewKey()), new Envelope(Guid.NewGuid(), null, "count"))));
        var patience = Stopwatch.StartNew();
        int there;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (; (there = await Activations()) > AtMost + (AtMost / 4) && patience.Elapsed < Hang.Timeout; await timer.WaitForNextTickAsync())
        {
        }

        foreach (var key in held) Probe.Of(key).Gate.TrySetResult();
        await Task.WhenAll(asked.Select(static one => Record.ExceptionAsync(() => one))).WaitAsync(Hang.Timeout); // some callers may have waited no longer
        Assert.InRange(there, AtMost, AtMost + (AtMost / 4));
    }

    private async Task<int> Activations() =>
        (await ((InProcessSiloHandle)_cluster.Primary!).SiloHost.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics())
            .Count(static grain => grain.GrainType.Contains(nameof(ProbeGrain), StringComparison.Ordinal));

    private static string NewKey() => Guid.NewGuid().ToString("N");

    private async Task<object> Ask(string key, string command) => (await _calls!.Send(Probe.Stream(key), new Envelope(Guid.NewGuid(), null, command))).Body;

    // What is sent by it would need an encoding of refusals, so it only has to start.
    private sealed class Client : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) => clientBuilder.Services.AddSingleton<IEnvelopeCodec>(TwoSilos.Codec).AddEnvelopeSerializer();
    }

    private sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.Services.AddSingleton(Residents).AddSingleton<IEnvelopeCodec>(TwoSilos.Codec).AddEnvelopeSerializer().AddCallerSigning(Member).AddCallerCheck([Member]);
    }
}
