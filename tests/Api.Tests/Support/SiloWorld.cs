using System.Collections.Concurrent;
using System.Globalization;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Hosting;
using Agora.Silo.Engine;
using Agora.TestEngine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;

namespace Agora.Api.Tests.Support;

/// <summary>
/// The entities of one test, on the one silo of Orleans that all tests of the process share. It is set up as a server that is alone sets up its own. Each entity is the product's activation in the product's shell,
/// <see cref="EntityGrain"/>. The key of its grain is the number of this world and the name of its stream, so no test reaches another one's entities.
/// <para>No test of this suite needs the test engine: where a test moves time, it moves the clock of the entities, and all timers are the system's. What needs virtual time or an order of its own is in the suites that use it,
/// Grains.Tests, Replay.Tests and Simulation. The grains' classes and the methods that some have are not used here: Orleans.Tests holds them.</para>
/// </summary>
internal sealed class SiloWorld : IEngine
{
    private static readonly ConcurrentDictionary<string, SiloWorld> Worlds = new(StringComparer.Ordinal);
    private static int _lastNumber;

    private readonly string _number = Interlocked.Increment(ref _lastNumber).ToString(CultureInfo.InvariantCulture);
    private readonly ConcurrentDictionary<IGrainContext, bool> _activations = [];
    private readonly Func<Entity, IActivationHost, EntityActivation> _create;
    private readonly GrainCalls _calls;

    public SiloWorld(IGrainFactory silo, TimeProvider time, Func<Entity, IActivationHost, EntityActivation> create)
    {
        (_create, _calls) = (create, new(silo, time, marker: static _ => typeof(IWorldGrain)));
        Worlds[_number] = this;
    }

    /// <summary>The way to the silo, which ends with the process.</summary>
    public static Task<IGrainFactory> Silo { get; } = Start();

    public int ActivationCount => _activations.Keys.Count(static activation => !activation.Deactivated.IsCompleted);

    public Task<Envelope> Send(StreamId stream, Envelope envelope) => _calls.Send(Here(stream), envelope);

    public void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, IReply reply) => _calls.Post(Here(stream), envelope, atMost, reply);

    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        // An entity that ends may still ask others, which then come to life again.
        while (_activations.Keys is { Count: > 0 } activations)
        {
            foreach (var activation in activations)
            {
                activation.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "Its test has ended."), CancellationToken.None);
            }

            foreach (var activation in activations)
            {
                await activation.Deactivated.WaitAsync(cancellationToken);
                _activations.TryRemove(activation, out _);
            }
        }

        Worlds.TryRemove(_number, out _);
    }

    /// <exception cref="InvalidOperationException">The world has ended.</exception>
    internal static EntityActivation Begin(IActivationHost shell, IGrainContext grain)
    {
        var (number, tenant) = shell.Stream.Tenant.Split('|') is [var first, var second] ? (first, second) : throw new InvalidOperationException($"'{shell.Stream}' names no world.");
        var world = Worlds.GetValueOrDefault(number) ?? throw new InvalidOperationException($"The test of '{shell.Stream}' has ended.");
        var stream = shell.Stream with { Tenant = tenant };
        world._activations[grain] = true;
        return world._create(Manifest.Of(stream), new ShellOf(shell, stream));
    }

    private StreamId Here(StreamId stream) => stream with { Tenant = $"{_number}|{stream.Tenant}" };

    // Nothing of the test that comes first flows into the silo's own work.
    private static Task<IGrainFactory> Start()
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(StartSilo);
        }
    }

    private static async Task<IGrainFactory> StartSilo()
    {
        var settings = AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection([new("AGORA_DASHBOARD", "false")]).Build());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddGrainEngine(settings, new(settings));
        var host = builder.Build();
        await host.StartAsync();
        return host.Services.GetRequiredService<IGrainFactory>();
    }

    private sealed class ShellOf(IActivationHost shell, StreamId stream) : IActivationHost
    {
        public StreamId Stream => stream;

        public void Post(ITurn turn) => shell.Post(turn);

        public void Leave() => shell.Leave();
    }
}

internal interface IWorldGrain : IEntityGrain;

internal sealed class WorldGrain(IGrainContextAccessor grain) : EntityGrain(shell => SiloWorld.Begin(shell, grain.GrainContext)), IWorldGrain;
