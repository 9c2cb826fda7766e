using System.Collections.Concurrent;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Grains.Tests.Product;
using Agora.Journal.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Hosting;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Serialization.Configuration;
using StreamId = Agora.Core.Kernel.StreamId;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>Grains with a method for each command: what they answer, and the names by which silos of two releases know them.</summary>
public sealed class MethodTests(RealCluster cluster) : IClassFixture<RealCluster>
{
    [Fact]
    public void Each_command_with_a_reply_of_its_own_has_a_method_that_answers_it()
    {
        foreach (var marker in Markers.Kinds.Select(Markers.Of).Where(static marker => GrainMethods.Of(marker).Count > 0))
        {
            var methods = marker.GetMethods().Select(static method => (Command: method.GetParameters()[0].ParameterType.GenericTypeArguments[0], Reply: method.ReturnType.GenericTypeArguments[0].GenericTypeArguments[0])).ToList();
            var commands = methods[0].Command.DeclaringType!.GetNestedTypes().SelectMany(static type => type.GetInterfaces()
                .Where(static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ICommand<,>))
                .Select(i => (Command: type, Reply: i.GenericTypeArguments[1])));
            Assert.Equal(commands.OrderBy(static c => c.Command.Name, StringComparer.Ordinal), methods.OrderBy(static m => m.Command.Name, StringComparer.Ordinal));
        }
    }

    [PostgresFact]
    public void Names_on_the_wire_stay()
    {
        var services = cluster.Silos[0].Services;
        var types = services.GetRequiredService<IOptions<TypeManifestOptions>>().Value;

        Assert.Equal("Agora.Contracts.IWalletGrain", services.GetRequiredService<GrainInterfaceTypeResolver>().GetGrainInterfaceType(typeof(IWalletGrain)).ToString());
        Assert.Equal("wallet", services.GetRequiredService<GrainTypeResolver>().GetGrainType(typeof(Grains.WalletGrain)).ToString());
        Assert.Equal(
            ["agora.PaymentEnd", "agora.PaymentFound", "agora.TransferTaken", "agora.WalletView", "agora.answer`1", "agora.command`1", "agora.wallet"],
            types.WellKnownTypeAliases.Keys.Where(static name => name.StartsWith("agora.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task A_method_decides_as_Send_does_on_either_silo_and_a_repeat_has_the_first_outcome()
    {
        var context = new CommandContext(Guid.CreateVersion7(), Actor: "operator:tests");
        foreach (var silo in cluster.Silos)
        {
            var wallet = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IWalletGrain>("default/wallet/agent:methods");

            var deposited = await wallet.Deposit(new(new WalletCommand.Deposit(5_000), context));
            Assert.Equal(5_000, deposited.Reply!.BalanceMicros);
            Assert.Equal(silo != cluster.Silos[0], deposited.Replayed);

            var refused = await wallet.Withdraw(new(new WalletCommand.Withdraw(6_000), new(Guid.CreateVersion7(), Actor: "operator:tests")));
            Assert.Equal(Codes.PaymentRequired, refused.Rejection?.Code);
            Assert.Null(refused.Reply);
        }

        var entities = cluster.Silos[1].Services.GetRequiredService<IEntities>();
        Assert.Equal(5_000, (await entities.In(Tenant.Default).Wallet("agent:methods").Ask(new WalletCommand.Get(), new(Guid.CreateVersion7()))).Reply!.BalanceMicros);
    }

    [PostgresFact]
    public async Task A_method_refuses_another_entitys_key_and_another_command()
    {
        foreach (var silo in cluster.Silos)
        {
            var grains = silo.Services.GetRequiredService<IGrainFactory>();
            var get = new CommandContext(Guid.CreateVersion7());
            await Assert.ThrowsAsync<ArgumentException>(() => grains.GetGrain<IWalletGrain>("default/user/methods").Get(new(new WalletCommand.Get(), get)));

            var other = await Assert.ThrowsAsync<ArgumentException>(() => grains.GetGrain<IWalletGrain>("default/wallet/agent:other").Get(new(new Envelope(Guid.CreateVersion7(), null, new WalletCommand.Deposit(1)))));
            Assert.Contains("the method takes a Get", other.Message, StringComparison.Ordinal);
        }
    }

    [PostgresFact]
    public async Task A_client_without_an_identity_gets_unauthorized_from_a_method()
    {
        using var stranger = cluster.Client(Caller.OfService("stranger", "a-key-that-no-silo-knows-0123456789"), cluster.Tls);
        await stranger.StartAsync();
        var wallet = stranger.Services.GetRequiredService<IGrainFactory>().GetGrain<IWalletGrain>("default/wallet/agent:strangers");

        var refused = await wallet.Deposit(new(new WalletCommand.Deposit(1), new(Guid.CreateVersion7())));

        Assert.Equal(Codes.Unauthorized, refused.Rejection?.Code);
        await stranger.StopAsync();
    }

    [Fact]
    public async Task A_command_goes_by_its_method_only_if_every_silo_has_it()
    {
        var called = new ConcurrentQueue<string>();
        await using var silos = await ProductSilos.Start(new MemoryJournal(TimeProvider.System), new PlayedService(), silo => silo.AddIncomingGrainCallFilter(context =>
        {
            if (context.Grain is IWalletGrain)
            {
                called.Enqueue(context.MethodName);
            }

            return context.Invoke();
        }));
        var wallet = new StreamId("default", WalletEntity.Kind, "agent:a");
        foreach (var has in new Func<GrainType, string, bool>?[] { null, static (_, _) => false, static (grain, method) => (grain.ToString(), method) == ("wallet", "Get") }) // null: a client, which may not know of a silo yet
        {
            var calls = new GrainCalls(silos.Grains, TimeProvider.System, has);
            Assert.IsType<Answer>((await calls.Send(wallet, new(Guid.CreateVersion7(), null, new WalletCommand.Get()))).Body);
            Assert.IsType<Answer>((await calls.Send(wallet, new(Guid.CreateVersion7(), null, new WalletCommand.Deposit(1)))).Body);
            Assert.IsType<Answer>((await calls.Send(wallet, new(Guid.CreateVersion7(), null, OutcomeAsked.Value))).Body);
        }

        Assert.Equal(["Send", "Send", "Send", "Send", "Send", "Send", "Get", "Send", "Send"], called);
    }

    [Fact]
    public async Task References_are_kept_up_to_a_bound_and_lead_to_the_entity_of_their_name()
    {
        await using var silos = await ProductSilos.Start(new MemoryJournal(TimeProvider.System), new PlayedService());
        var references = new GrainReferences(silos.Grains, Markers.Of, atMost: 10);
        var streams = Enumerable.Range(0, 35).Select(static n => new StreamId("default", n % 2 == 0 ? WalletEntity.Kind : UserEntity.Kind, $"r{n}")).ToList();
        foreach (var stream in streams)
        {
            var reference = references.Of(stream);
            Assert.Same(reference, references.Of(stream));
            Assert.Equal(stream.ToString(), reference.Grain.GetPrimaryKeyString());
            Assert.Equal(stream.Kind, reference.Type.ToString());
            Assert.InRange(references.Count, 1, 10);
        }
    }
}
