using System.Collections.Immutable;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Silo.Engine;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>What an envelope says of who sent it, on each side of a border between processes.</summary>
public sealed class BorderTests
{
    private static readonly Caller Silo = Caller.OfCluster("silo", new byte[32]);
    private static readonly SiloAddress One = SiloAddress.FromParsableString("127.0.0.1:1@1"), Two = SiloAddress.FromParsableString("127.0.0.1:2@1");
    private static readonly Caller Service = Caller.OfService("reporter", "a-key-that-both-know");
    private static readonly ImmutableDictionary<string, string> Properties = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);
    private static readonly Envelope Command = new(Guid.CreateVersion7(), null, new CampaignCommand.Fund(1));

    [Fact]
    public void What_a_silo_reads_has_the_token_of_the_process_that_sent_it()
    {
        var read = Read(Sent(Command, Service));

        Assert.Equal(Service.Name, new CallerVerifier([Silo, Service], TimeProvider.System).Verify(read.Caller)?.Name);
    }

    [Fact]
    public void What_a_silo_reads_of_a_process_that_signs_nothing_is_marked_as_from_outside() => Assert.Equal("", Read(Sent(Command, null)).Caller);

    [Fact]
    public void What_a_gateway_passes_on_keeps_the_token_of_its_first_sender_or_its_lack()
    {
        Assert.Equal(Service.Name, CallerVerifierOf(Read(Sent(Read(Sent(Command, Service)), Silo))));
        Assert.Equal("", Read(Sent(Read(Sent(Command, null)), Silo)).Caller);
    }

    [Fact]
    public void No_answer_carries_the_token_of_the_silo_that_gives_it()
    {
        foreach (var body in new object[] { Answer.Of(Nothing.Value), Answer.No(new(Codes.NotFound, "No.")), new OperatingFailure(FailureKind.Timeout) })
        {
            Assert.DoesNotContain("silo|", System.Text.Encoding.UTF8.GetString(Sent(Command.Answered(body), Silo)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_command_or_an_answer_that_is_too_large_is_not_written()
    {
        var tooLong = new string('x', Limits.EnvelopeBytes);

        Assert.Throws<CommandTooLargeException>(() => Sent(Command with { Body = new WalletCommand.Deposit(1, tooLong) }, Silo));
        Assert.Throws<InvalidOperationException>(() => Sent(Command.Answered(Answer.No(new(Codes.NotFound, tooLong))), Silo));
    }

    [Theory]
    [InlineData("new", true, true)]
    [InlineData("old", false, false)]
    [InlineData("between", true, false)]
    [InlineData("unknown", false, false)]
    [InlineData("dead", true, true)]
    public void A_silo_uses_what_the_manifest_of_each_other_silo_names(string other, bool readsCallers, bool hasMethods)
    {
        using var services = Cluster(new(Manifest(other)), new(Snapshot(other == "dead" ? SiloStatus.Dead : SiloStatus.Active)));

        var features = new SiloFeatures(services);
        Assert.Equal(readsCallers, !features.AnyNeedsToken());
        Assert.Equal(hasMethods, features.AllHave(GrainType.Create("wallet"), "Transfer"));
    }

    /// <summary>Members and manifests come one after the other. What was found of the others before counts no more.</summary>
    [Fact]
    public void A_silo_looks_anew_when_a_member_has_come_and_when_its_manifest_has()
    {
        var (manifests, members) = (new Manifests(Manifest("unknown")), new Members(Snapshot(null)));
        using var services = Cluster(manifests, members);
        var features = new SiloFeatures(services);
        Assert.Equal((false, true), Found());

        members.CurrentSnapshot = Snapshot(SiloStatus.Joining);
        Assert.Equal((true, false), Found());

        manifests.Current = Manifest("new");
        Assert.Equal((false, true), Found());

        (bool NeedsToken, bool HasMethod) Found() => (features.AnyNeedsToken(), features.AllHave(GrainType.Create("wallet"), "Transfer"));
    }

    private static ServiceProvider Cluster(Manifests manifests, Members members) => new ServiceCollection()
        .AddSingleton<IClusterManifestProvider>(manifests)
        .AddSingleton<IClusterMembershipService>(members)
        .AddSingleton<ILocalSiloDetails>(new Self(One))
        .BuildServiceProvider();

    /// <param name="other">The second silo's release; unknown: its manifest is not here yet.</param>
    private static ClusterManifest Manifest(string other)
    {
        var manifests = ImmutableDictionary<SiloAddress, GrainManifest>.Empty.Add(One, Of("new"));
        return new(MajorMinorVersion.Zero, other == "unknown" ? manifests : manifests.Add(Two, Of(other)));
    }

    /// <param name="other">The second silo's; null: it has not come yet.</param>
    private static ClusterMembershipSnapshot Snapshot(SiloStatus? other)
    {
        var members = ImmutableDictionary<SiloAddress, ClusterMember>.Empty.Add(One, new(One, SiloStatus.Active, "self"));
        return new(other is { } status ? members.Add(Two, new(Two, status, "peer")) : members, MembershipVersion.MinValue);
    }

    private static string? CallerVerifierOf(Envelope envelope) => new CallerVerifier([Silo, Service], TimeProvider.System).Verify(envelope.Caller)?.Name;

    private static byte[] Sent(Envelope envelope, Caller? by)
    {
        using var process = Process(by, null);
        return process.GetRequiredService<Serializer>().SerializeToArray(envelope);
    }

    private static Envelope Read(byte[] bytes)
    {
        using var process = Process(Silo, new CallerVerifier([Silo, Service], TimeProvider.System));
        return process.GetRequiredService<Serializer>().Deserialize<Envelope>(bytes)!;
    }

    private static ServiceProvider Process(Caller? caller, CallerVerifier? verifier)
    {
        var services = new ServiceCollection().AddSerializer().AddSingleton<IEnvelopeCodec, EnvelopeCodec>().AddEnvelopeSerializer();
        if (caller is not null)
        {
            services.AddSingleton(new CallerSigner(caller, TimeProvider.System));
        }

        if (verifier is not null)
        {
            services.AddSingleton(verifier);
        }

        return services.BuildServiceProvider();
    }

    private static GrainManifest Of(string release)
    {
        var properties = new Dictionary<string, string>();
        if (release != "old")
        {
            new GrainFeaturesAttribute().Populate(null!, typeof(Grains.WalletGrain), GrainType.Create("wallet"), properties);
        }

        if (release == "between")
        {
            properties.Remove(GrainFeaturesAttribute.Methods);
        }

        return new(ImmutableDictionary<GrainType, GrainProperties>.Empty.Add(GrainType.Create("wallet"), new(Properties.AddRange(properties))), ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties>.Empty);
    }

    private sealed class Manifests(ClusterManifest current) : IClusterManifestProvider
    {
        public ClusterManifest Current { get; set; } = current;

        public IAsyncEnumerable<ClusterManifest> Updates => throw new NotSupportedException();

        public GrainManifest LocalGrainManifest => throw new NotSupportedException();
    }

    private sealed class Members(ClusterMembershipSnapshot current) : IClusterMembershipService
    {
        public ClusterMembershipSnapshot CurrentSnapshot { get; set; } = current;

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
    }

    private sealed class Self(SiloAddress address) : ILocalSiloDetails
    {
        public string Name => "self";

        public string ClusterId => "agora";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => address;

        public SiloAddress GatewayAddress => address;
    }
}
