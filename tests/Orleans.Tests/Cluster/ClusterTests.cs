using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Agora.Client;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Crash.Support;
using Agora.Silo.Engine;
using Agora.Testing.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Connections.Security;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>What a cluster on PostgreSQL promises besides what its grains do: members, storage, who may call, who may look.</summary>
public sealed class ClusterTests(RealCluster cluster) : IClassFixture<RealCluster>
{
    private const int TooMany = Limits.EnvelopeBytes;
    private static readonly TimeSpan Refusing = TimeSpan.FromSeconds(5);

    [PostgresFact]
    public async Task Both_silos_are_active_members_and_ready()
    {
        Assert.Equal(2L, PostgresServer.Scalar<long>(cluster.Database, "SELECT count(*) FROM orleansmembershiptable WHERE status = 3"));
        foreach (var silo in cluster.Silos)
        {
            using var ready = await cluster.Get(silo, "/readyz");
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }
    }

    [PostgresFact]
    public void Silos_of_one_release_have_each_others_features() => Assert.All(cluster.Silos, silo =>
    {
        var features = new SiloFeatures(silo.Services);
        Assert.False(features.AnyNeedsToken());
        Assert.True(features.AllHave(GrainType.Create("wallet"), "Transfer"));
        Assert.False(features.AllHave(GrainType.Create("wallet"), "Send"));
    });

    [PostgresFact]
    public async Task An_entity_asked_by_another_kinds_key_or_by_none_refuses_and_keeps_nothing()
    {
        var grains = cluster.Silos[0].Services.GetRequiredService<IGrainFactory>();
        foreach (var key in new[] { "default/user/misplaced", "misplaced" })
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(() => grains.GetGrain<IWalletGrain>(key).Send(new(Guid.CreateVersion7(), null, new CampaignCommand.Fund(1))));
            Assert.Contains("is not the name of a stream of the kind 'wallet'", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0L, PostgresServer.Scalar<long>(cluster.Database, "SELECT count(*) FROM journal WHERE stream LIKE '%misplaced%'"));
    }

    [PostgresFact]
    public async Task An_ordinary_grain_finds_its_state_again_and_cleared_state_is_gone()
    {
        var grains = cluster.Silos[0].Services.GetRequiredService<IGrainFactory>();
        foreach (var grain in new[] { grains.GetGrain<INoteGrain>("note/1"), grains.GetGrain<INoteGrain>("note/2") })
        {
            await grain.Write("kept");
            await grain.Write("kept twice");
            Assert.Equal("kept twice", await grain.ReadAgain());
            await grain.Clear();
            Assert.Equal("", await grain.ReadAgain());
            await grain.Write("and anew");
            Assert.Equal("and anew", await grain.ReadAgain());
        }

        Assert.Equal(2L, PostgresServer.Scalar<long>(cluster.Database, "SELECT count(*) FROM orleansstorage WHERE version = 4"));
    }

    [PostgresFact]
    public async Task A_timer_of_an_ordinary_grain_ticks()
    {
        var grain = cluster.Silos[0].Services.GetRequiredService<IGrainFactory>().GetGrain<INoteGrain>("note/timer");
        Assert.Equal("ticked", await grain.Tick().WaitAsync(Hang.Timeout));
    }

    [PostgresFact]
    public async Task A_stale_state_is_not_written_InconsistentState()
    {
        var grain = cluster.Silos[1].Services.GetRequiredService<IGrainFactory>().GetGrain<INoteGrain>("note/stale");
        await grain.Write("first");
        PostgresServer.Execute(cluster.Database, "UPDATE orleansstorage SET version = version + 1 WHERE grainidextensionstring = 'note/stale'");
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => grain.Write("late"));
        Assert.Contains("InconsistentState", refused.ToString(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_service_with_its_key_sends_what_it_may_and_nothing_else()
    {
        using var client = await Connect(Caller.OfService("topper", RealCluster.ServiceKey));
        var entities = client.Services.GetRequiredService<IEntities>();

        Assert.Equal(Codes.NotFound, (await entities.Campaign("none").Send(new CampaignCommand.Fund(1), New())).Rejection?.Code);
        Assert.Equal(Codes.Unauthorized, (await entities.User("u1").Send(new UserCommand.Suspend("a1", "x"), New())).Rejection?.Code);
        Assert.Equal(Codes.Unauthorized, (await entities.Campaign("none").Send(new CampaignCommand.Fund(1), New() with { Actor = "operator:admin" })).Rejection?.Code);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => client.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetHosts());
        await client.StopAsync();
    }

    [PostgresFact]
    public async Task A_client_with_a_wrong_key_or_an_unknown_name_is_refused_Unauthorized()
    {
        foreach (var caller in new[] { Caller.OfService("topper", "not-the-key-of-topper"), Caller.OfService("stranger", RealCluster.ServiceKey) })
        {
            using var client = await Connect(caller);
            var answer = await client.Services.GetRequiredService<IEntities>().Campaign("none").Send(new CampaignCommand.Fund(1), New());
            Assert.Equal(Codes.Unauthorized, answer.Rejection?.Code);
            await client.StopAsync();
        }
    }

    [PostgresFact]
    public async Task A_client_that_signs_nothing_is_refused_Unauthorized_by_Send_and_by_a_method()
    {
        using var client = cluster.Client(Caller.OfService("topper", RealCluster.ServiceKey), cluster.Tls, static client => client.Services.RemoveAll<IOutgoingGrainCallFilter>().RemoveAll<CallerSigner>());
        await client.StartAsync();

        Assert.Equal(Codes.Unauthorized, (await client.Services.GetRequiredService<IEntities>().Campaign("none").Send(new CampaignCommand.Fund(1), New())).Rejection?.Code);
        Assert.Equal(Codes.Unauthorized, (await client.Services.GetRequiredService<IGrainFactory>().GetGrain<IWalletGrain>("default/wallet/agent:unsigned").Get(new(new WalletCommand.Get(), New()))).Rejection?.Code);
        await client.StopAsync();
    }

    [PostgresFact]
    public async Task A_service_of_some_kinds_is_refused_by_a_grain_of_another_kind_and_by_a_key_that_names_no_entity()
    {
        using var client = await Connect(Caller.OfService("topper", RealCluster.ServiceKey));
        var grains = client.Services.GetRequiredService<IGrainFactory>();

        var misplaced = await Assert.ThrowsAsync<ArgumentException>(() => grains.GetGrain<IWalletGrain>("default/campaign/misplaced").Send(new(Guid.CreateVersion7(), null, new CampaignCommand.Fund(1))));
        Assert.Contains("is not the name of a stream of the kind 'wallet'", misplaced.Message, StringComparison.Ordinal);
        foreach (var key in new[] { "default/wallet/agent:misplaced", "misplaced" })
        {
            Assert.Equal(Codes.Unauthorized, (await grains.GetGrain<IWalletGrain>(key).Get(new(new WalletCommand.Get(), New()))).Rejection?.Code);
        }

        Assert.Equal(0L, PostgresServer.Scalar<long>(cluster.Database, "SELECT count(*) FROM journal WHERE stream LIKE '%misplaced%'"));
        await client.StopAsync();
    }

    /// <summary>Orleans would close the connection, with all calls on it, and send the message again and again until its call times out.</summary>
    [PostgresFact]
    public async Task A_command_that_is_too_large_is_refused_PayloadTooLarge_and_disturbs_no_call_beside_it()
    {
        using var client = await Connect(Caller.OfService("topper", RealCluster.ServiceKey));
        var campaign = client.Services.GetRequiredService<IEntities>().Campaign("none");
        var tooLarge = campaign.Send(new CampaignCommand.DisputeReward(Guid.NewGuid(), new string('x', TooMany), null), New());
        var beside = Enumerable.Range(0, 20).Select(_ => campaign.Send(new CampaignCommand.Fund(1), New())).ToList();

        Assert.Equal(Codes.PayloadTooLarge, (await tooLarge).Rejection?.Code);
        Assert.All(await Task.WhenAll(beside), answer => Assert.Equal(Codes.NotFound, answer.Rejection?.Code));
        Assert.False(client.Services.GetRequiredService<ClusterConnection>().IsLost);
        await client.StopAsync();
    }

    [PostgresFact]
    public async Task Without_a_certificate_of_the_cluster_nobody_connects()
    {
        var strange = Certificates.Write(cluster.Directory, "stranger");
        foreach (var tls in new[] { null, strange with { Authority = cluster.Tls.Authority } })
        {
            using var client = cluster.Client(Caller.OfService("topper", RealCluster.ServiceKey), tls);
            using var patience = new CancellationTokenSource(Refusing);
            await Assert.ThrowsAnyAsync<Exception>(() => client.StartAsync(patience.Token));
        }
    }

    /// <summary>Calls to Orleans' own targets need no token, so any client that connects could act as a member.</summary>
    [PostgresFact]
    public async Task With_TLS_and_no_certificate_no_client_connects()
    {
        using var client = cluster.Client(Caller.OfService("topper", RealCluster.ServiceKey), null, static client => client.UseTls(static tls =>
        {
            tls.ClientCertificateMode = RemoteCertificateMode.NoCertificate;
            tls.RemoteCertificateValidation = static (_, _, _) => true;
            tls.OnAuthenticateAsClient = static (_, own) => own.TargetHost = "agora-cluster";
        }));
        using var patience = new CancellationTokenSource(Refusing);
        await Assert.ThrowsAnyAsync<Exception>(() => client.StartAsync(patience.Token));
    }

    [PostgresTheory]
    [InlineData("stranger-cert", "stranger-key", "stranger-ca", "AGORA_CLUSTER_TLS_CA: this silo would refuse the certificate of 127.0.0.1:")]
    [InlineData("stranger-cert", "stranger-key", "cluster-ca", "AGORA_CLUSTER_TLS_CERT: the cluster would refuse this certificate by the authority in AGORA_CLUSTER_TLS_CA: ")]
    [InlineData("cluster-cert", "cluster-key", "stranger-key", "AGORA_CLUSTER_TLS_CERT: the cluster would refuse this certificate by the authority in AGORA_CLUSTER_TLS_CA: ")]
    [InlineData("stranger-key", "stranger-key", "stranger-ca", "AGORA_CLUSTER_TLS_CERT, AGORA_CLUSTER_TLS_KEY and AGORA_CLUSTER_TLS_CA must be PEM files of a certificate, its key and its authority: ")]
    public async Task A_silo_with_a_wrong_certificate_is_refused_in_one_line_and_the_cluster_serves_on(string certificate, string key, string authority, string line)
    {
        Certificates.Write(cluster.Directory, "stranger");
        var settings = cluster.Settings();
        (settings["AGORA_CLUSTER_TLS_CERT"], settings["AGORA_CLUSTER_TLS_KEY"], settings["AGORA_CLUSTER_TLS_CA"]) = (Pem(certificate), Pem(key), Pem(authority));

        var (exitCode, output) = await ServerProcess.Run(
            new Surroundings(settings.Where(static setting => setting.Key.StartsWith("AGORA_", StringComparison.Ordinal)).ToDictionary(static setting => setting.Key, static setting => setting.Value!)),
            "--data", cluster.Directory, "--urls", settings["urls"]!, "--postgres", cluster.Database);

        Assert.True(exitCode == 2, output);
        Assert.StartsWith(line, Assert.Single(output.Split('\n')), StringComparison.Ordinal);
        Assert.Equal(2L, PostgresServer.Scalar<long>(cluster.Database, "SELECT count(*) FROM orleansmembershiptable WHERE status = 3"));
        await Both_silos_are_active_members_and_ready();

        string Pem(string name) => Path.Combine(cluster.Directory, $"{name}.pem");
    }

    [PostgresFact]
    public async Task The_dashboard_of_any_silo_shows_all_silos_to_an_operators_key()
    {
        var key = new AuthenticationHeaderValue("Bearer", RealCluster.AdminKey);
        using var patience = new CancellationTokenSource(Hang.Timeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        foreach (var silo in cluster.Silos)
        {
            using var none = await cluster.Get(silo, "/dashboard/DashboardCounters");
            Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
            using var basic = await cluster.Get(silo, "/dashboard/DashboardCounters", new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anyone:{RealCluster.AdminKey}"))));
            Assert.Equal(HttpStatusCode.Unauthorized, basic.StatusCode); // a browser would keep it, and no sign-out would end it

            while (await ActiveSilos(silo) != 2) await timer.WaitForNextTickAsync(patience.Token); // the first second after the start has no counters yet
            using var types = await cluster.Get(silo, "/dashboard/GrainTypes", key);
            Assert.Contains("SessionGrain", await types.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        async Task<int> ActiveSilos(WebApplication silo)
        {
            using var counters = await cluster.Get(silo, "/dashboard/DashboardCounters", key);
            return JsonDocument.Parse(await counters.Content.ReadAsStringAsync()).RootElement.GetProperty("totalActiveHostCount").GetInt32();
        }
    }

    [PostgresTheory]
    [InlineData("SiloProperties")]
    [InlineData("SiloStats")]
    [InlineData("SiloMetadata")]
    [InlineData("SiloCounters")]
    [InlineData("HistoricalStats")]
    public async Task The_dashboard_connects_to_no_address_that_is_no_silos_404(string route)
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var came = stranger.AcceptTcpClientAsync();
        var address = $"127.0.0.1:{((IPEndPoint)stranger.LocalEndpoint).Port}@1"; // as hosts are named in its data

        using var answer = await cluster.Get(cluster.Silos[0], $"/dashboard/{route}/{address}", new("Bearer", RealCluster.AdminKey));
        using var garbage = await cluster.Get(cluster.Silos[0], $"/dashboard/{route}/no-address", new("Bearer", RealCluster.AdminKey));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound, false), (answer.StatusCode, garbage.StatusCode, came.IsCompleted));
    }

    [PostgresFact]
    public async Task Guesses_at_the_dashboards_key_wait_and_too_many_at_once_are_refused_429()
    {
        var guesses = 2 * (Limits.WrongKeysAtOnce + Limits.WrongKeysWaitingOfOne) + 1; // a minute may end among them

        var answers = await Task.WhenAll(Enumerable.Range(0, guesses).Select(async n =>
        {
            using var reply = await cluster.Get(cluster.Silos[1], "/dashboard/GrainTypes", new("Bearer", $"guess-{n}"));
            return reply.StatusCode;
        }));

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], answers.Distinct().Order());
    }

    private static CommandContext New() => new(Guid.CreateVersion7());

    private async Task<IHost> Connect(Caller caller)
    {
        var client = cluster.Client(caller, cluster.Tls);
        await client.StartAsync();
        return client;
    }
}

/// <summary>An ordinary grain outside the journal.</summary>
public interface INoteGrain : IGrainWithStringKey
{
    Task Write(string text);

    Task<string> ReadAgain();

    Task Clear();

    /// <summary>Ends when a timer of the grain's own has ticked.</summary>
    Task<string> Tick();
}

[GenerateSerializer]
public sealed class Note
{
    [Id(0)]
    public string Text { get; set; } = "";
}

public sealed class NoteGrain : Grain<Note>, INoteGrain
{
    public Task Write(string text)
    {
        State.Text = text;
        return WriteStateAsync();
    }

    public async Task<string> ReadAgain()
    {
        await ReadStateAsync();
        return State.Text;
    }

    public Task Clear() => ClearStateAsync();

    public async Task<string> Tick()
    {
        var ticked = new TaskCompletionSource<string>();
        using var timer = this.RegisterGrainTimer(
            () =>
            {
                ticked.TrySetResult("ticked");
                return Task.CompletedTask;
            },
            new() { DueTime = TimeSpan.Zero, Period = Timeout.InfiniteTimeSpan, Interleave = true });
        return await ticked.Task;
    }
}
