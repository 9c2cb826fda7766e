using System.Reflection;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>What a silo lets into its grains, whatever a message says of where it comes from.</summary>
public sealed class CallerCheckTests
{
    private static readonly Caller Silo = Caller.OfCluster("silo", new byte[32]);
    private static readonly Caller AllKinds = Caller.OfService("reporter", "a-key-that-both-know");
    private static readonly Caller OneKind = Caller.OfService("topper", "another-key-that-both-know", ["campaign"]);
    private static readonly GrainId Client = GrainId.Create("sys.client", "c1");
    private static readonly GrainId Grain = GrainId.Create("note", "n1");

    public static TheoryData<GrainId?> Senders() => new(null, Client, Grain);

    [Theory]
    [MemberData(nameof(Senders))]
    public async Task A_caller_without_identity_is_refused_by_ordinary_grains_whatever_sender_it_writes(GrainId? sender)
    {
        var call = new Call(new NoGrain(), new Request("text"), sender);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Check(null, call));

        Assert.False(call.Invoked);
    }

    [Theory]
    [MemberData(nameof(Senders))]
    public async Task A_caller_without_identity_is_refused_by_entities_whatever_sender_it_writes(GrainId? sender)
    {
        var call = new Call(new NoEntity(), new Request(Command(null)), sender);

        await Check(null, call);

        Assert.False(call.Invoked);
        Assert.Equal(Codes.Unauthorized, ((Answer)((Envelope)call.Result!).Body).Rejection?.Code);
    }

    [Theory]
    [MemberData(nameof(Senders))]
    public async Task What_is_no_command_reaches_an_entity_from_the_cluster_only(GrainId? sender)
    {
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Check(null, new Call(new NoEntity(), new Request(), sender)));

        var call = new Call(new NoEntity(), new Request(), sender);
        await Check(Silo, call);
        Assert.True(call.Invoked);
    }

    [Fact]
    public async Task A_silo_is_let_in_without_a_sender()
    {
        var call = new Call(new NoGrain(), new Request("text"), null);

        await Check(Silo, call);

        Assert.True(call.Invoked);
    }

    [Fact]
    public async Task A_service_without_kinds_acts_in_its_own_name_only()
    {
        var foreign = new Call(new NoEntity(), new Request(Command("operator:admin")), Client);
        await Check(AllKinds, foreign);
        Assert.False(foreign.Invoked);
        Assert.Equal(Codes.Unauthorized, ((Answer)((Envelope)foreign.Result!).Body).Rejection?.Code);

        var own = new Call(new NoEntity(), new Request(Command("service:reporter")), Client);
        await Check(AllKinds, own);
        Assert.True(own.Invoked);
    }

    [Fact]
    public async Task A_service_has_idempotency_keys_of_its_own_only()
    {
        static CommandKey Key(string credential) => new(credential, "k1", new('0', 64), 60, Guid.NewGuid());

        var foreign = new Call(new NoEntity(), new Request(Command(null) with { Key = Key("an-agents-session") }), Client);
        await Check(AllKinds, foreign);
        Assert.False(foreign.Invoked);
        Assert.Equal(Codes.Unauthorized, ((Answer)((Envelope)foreign.Result!).Body).Rejection?.Code);

        foreach (var (caller, credential) in new[] { (AllKinds, "service:reporter"), (Silo, "an-agents-session") })
        {
            var own = new Call(new NoEntity(), new Request(Command(null) with { Key = Key(credential) }), Client);
            await Check(caller, own);
            Assert.True(own.Invoked);
        }
    }

    [Fact]
    public async Task What_a_service_sends_in_nobodys_name_is_kept_in_its_own()
    {
        var call = new Call(new NoEntity(), new Request(Command(null)), Client);

        await Check(AllKinds, call);

        Assert.True(call.Invoked);
        Assert.Equal("service:reporter", ((Envelope)call.Request.GetArgument(0)!).Actor);
    }

    [Fact]
    public async Task What_a_silo_passes_on_keeps_the_actor_that_it_says()
    {
        foreach (var actor in new[] { null, "operator:admin" })
        {
            var call = new Call(new NoEntity(), new Request(Command(actor)), Client);
            await Check(Silo, call);
            Assert.Equal(actor, ((Envelope)call.Request.GetArgument(0)!).Actor);
        }
    }

    [Fact]
    public async Task A_token_in_the_envelope_is_enough_and_counts_before_one_beside_it()
    {
        var alone = new Call(new NoEntity(), new Request(Command("operator:admin") with { Caller = new CallerSigner(Silo, TimeProvider.System).Token }), Client);
        await Check(null, alone);
        Assert.True(alone.Invoked);
        Assert.Null(((Envelope)alone.Request.GetArgument(0)!).Caller);

        var limited = new Call(new NoEntity(), new Request(Command("operator:admin") with { Caller = new CallerSigner(AllKinds, TimeProvider.System).Token }), Client);
        await Check(Silo, limited);
        Assert.False(limited.Invoked);

        var forged = new Call(new NoEntity(), new Request(Command(null) with { Caller = new CallerSigner(Silo with { Key = new byte[32] }, TimeProvider.System).Token }), Client);
        await Check(null, forged);
        Assert.False(forged.Invoked);
    }

    [Fact]
    public async Task What_was_sent_in_this_process_needs_no_token()
    {
        var call = new Call(new NoEntity(), new Request(Command("operator:admin") with { Caller = null }), Grain);

        await Check(null, call);

        Assert.True(call.Invoked);
        Assert.Equal("operator:admin", ((Envelope)call.Request.GetArgument(0)!).Actor);
    }

    [Fact]
    public async Task A_method_of_a_grain_is_held_to_the_same_rules_and_refuses_with_its_own_answer()
    {
        var deposit = typeof(IWalletGrain).GetMethod(nameof(IWalletGrain.Deposit))!;
        var sent = new CommandEnvelope<WalletCommand.Deposit>(new Envelope(Guid.CreateVersion7(), null, new WalletCommand.Deposit(1)) { Caller = "" });

        var stranger = new Call(new NoEntity(), new Request(sent), Client, deposit);
        await Check(null, stranger);
        Assert.False(stranger.Invoked);
        Assert.Equal(Codes.Unauthorized, Assert.IsType<Answer<WalletView>>(stranger.Result).Rejection?.Code);

        var service = new Call(new NoEntity(), new Request(sent), Client, deposit);
        await Check(AllKinds, service);
        Assert.True(service.Invoked);
        var passed = Assert.IsType<CommandEnvelope<WalletCommand.Deposit>>(service.Request.GetArgument(0)).Envelope;
        Assert.Equal(("service:reporter", null), (passed.Actor, passed.Caller));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_silo_whose_token_has_expired_gets_a_failure_to_retry_and_no_rejection_that_it_would_take_for_the_entitys(bool isTyped)
    {
        var token = new CallerSigner(Silo, new Late(TimeSpan.FromMinutes(-10))).Token;
        var call = isTyped
            ? new Call(new NoEntity(), new Request(new CommandEnvelope<WalletCommand.Deposit>(new Envelope(Guid.CreateVersion7(), null, new WalletCommand.Deposit(1)) { Caller = token })), Grain, typeof(IWalletGrain).GetMethod(nameof(IWalletGrain.Deposit)))
            : new Call(new NoEntity(), new Request(Command(null) with { Caller = token }), Grain);

        await Check(null, call);

        Assert.False(call.Invoked);
        Assert.Equal(FailureKind.Unavailable, ((OperatingFailure)((call.Result as Answer<WalletView>)?.Envelope ?? (Envelope)call.Result!).Body).Kind);
    }

    [Fact]
    public async Task A_service_whose_token_has_expired_is_told_by_how_much()
    {
        var call = new Call(new NoEntity(), new Request(Command(null) with { Caller = new CallerSigner(AllKinds, new Late(TimeSpan.FromMinutes(-10))).Token }), Client);

        await Check(null, call);

        Assert.False(call.Invoked);
        var rejection = ((Answer)((Envelope)call.Result!).Body).Rejection!;
        Assert.Equal(Codes.Unauthorized, rejection.Code);
        Assert.Matches("^The caller's token expired 30[0-9] s ago: compare the clock", rejection.Message);
    }

    [Fact]
    public async Task A_service_of_some_kinds_is_refused_at_a_key_that_names_no_entity()
    {
        var call = new Call(new NoEntity(), new Request(Command(null) with { Caller = new CallerSigner(OneKind, TimeProvider.System).Token }), Client) { TargetId = GrainId.Create("campaign", "misplaced") };

        await Check(null, call);

        Assert.False(call.Invoked);
        Assert.Equal(Codes.Unauthorized, ((Answer)((Envelope)call.Result!).Body).Rejection?.Code);
    }

    /// <summary>As it is read from a connection, without a token in it.</summary>
    private static Envelope Command(string? actor) => new(Guid.CreateVersion7(), null, new CampaignCommand.Fund(1), Actor: actor) { Caller = "" };

    private static async Task Check(Caller? caller, Call call)
    {
        RequestContext.Clear();
        if (caller is not null)
        {
            RequestContext.Set(CallerSigner.Header, new CallerSigner(caller, TimeProvider.System).Token);
        }

        await new CallerCheck(new([Silo, AllKinds, OneKind], TimeProvider.System), NullLogger<CallerCheck>.Instance).Invoke(call);
    }

    private sealed class Late(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private sealed class NoGrain;

    private sealed class NoEntity : IEntityGrain
    {
        public Task<Envelope> Send(Envelope envelope) => throw new NotSupportedException();
    }

    private sealed class Call(object grain, IInvokable request, GrainId? source, MethodInfo? method = null) : IIncomingGrainCallContext
    {
        public bool Invoked { get; private set; }

        public IInvokable Request => request;

        public object Grain => grain;

        public GrainId? SourceId => source;

        public GrainId TargetId { get; init; } = GrainId.Create("campaign", "default/campaign/c1");

        public GrainInterfaceType InterfaceType => default;

        public string InterfaceName => "INoteGrain";

        public string MethodName => "Write";

        public MethodInfo InterfaceMethod => method ?? throw new NotSupportedException();

        public MethodInfo ImplementationMethod => throw new NotSupportedException();

        public IGrainContext TargetContext => throw new NotSupportedException();

        public object? Result { get; set; }

        public Response? Response { get; set; }

        public Task Invoke()
        {
            Invoked = true;
            return Task.CompletedTask;
        }
    }
}

/// <summary>As a generated codec would make it of a message.</summary>
internal sealed class Request(params object?[] arguments) : IInvokable
{
    public object? GetTarget() => null;

    public void SetTarget(ITargetHolder holder)
    {
    }

    public ValueTask<Response> Invoke() => throw new NotSupportedException();

    public int GetArgumentCount() => arguments.Length;

    public object? GetArgument(int index) => arguments[index];

    public void SetArgument(int index, object value) => arguments[index] = value;

    public string GetMethodName() => "";

    public string GetInterfaceName() => "";

    public string GetActivityName() => "";

    public MethodInfo GetMethod() => throw new NotSupportedException();

    public Type GetInterfaceType() => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
