using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Conversations;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Outbound;

namespace Agora.Grains.Tests.Conversations;

/// <summary>Whom a process asks for a skill, by what it has met itself.</summary>
public sealed class AskedSkillTests : IEntities
{
    private readonly Impatient _time = new();
    private readonly List<Offer> _offers = [new("silent", 1)];
    private readonly List<string> _said = [];
    private static readonly Tenant Second = Tenant.Parse("second")!;
    private bool _closesTheNext;
    private string? _closed;
    private Exception? _broken;

    [Fact]
    public async Task An_agent_that_replied_to_nobody_is_not_asked_for_a_while_and_the_others_are()
    {
        var caller = Caller(new AgentBreakers(_time));
        _time.IsOver = true;
        for (var n = 0; n < 20; n++) Assert.Equal(OutboundFailure.Timeout, await Fails(caller, $"u{n}"));
        _time.IsOver = false;
        _said.Clear();

        Assert.Equal(OutboundFailure.BreakerOpen, await Fails(caller, "another"));
        Assert.Empty(_said);

        _offers.Add(new("busy", 1));
        Assert.Equal(OutboundFailure.BadStatus, await Fails(caller, "another"));
        Assert.Single(_said);
    }

    [Fact]
    public async Task One_caller_alone_closes_no_agent_to_the_others()
    {
        var caller = Caller(new AgentBreakers(_time));
        _time.IsOver = true;
        for (var n = 0; n < 40; n++) Assert.Equal(OutboundFailure.Timeout, await Fails(caller, "poison"));
        _time.IsOver = false;

        Assert.Equal(OutboundFailure.BadStatus, await Fails(caller, "another"));
    }

    [Fact]
    public async Task An_agent_that_rests_in_one_tenant_is_asked_in_another_that_has_one_of_its_name()
    {
        var caller = Caller(new AgentBreakers(_time));
        _time.IsOver = true;
        for (var n = 0; n < 20; n++) Assert.Equal(OutboundFailure.Timeout, await Fails(caller, $"u{n}"));
        _time.IsOver = false;

        Assert.Equal(OutboundFailure.BreakerOpen, await Fails(caller, "another"));
        Assert.Equal(OutboundFailure.BadStatus, await Fails(caller, "another", Second));
    }

    [Fact]
    public async Task A_choice_that_is_ended_twice_is_in_flight_no_less()
    {
        var chooser = Chooser();
        using var first = (await Choose(chooser))!;
        using var second = (await Choose(chooser))!;
        var ended = (await Choose(chooser))!;
        ended.Dispose();
        ended.Dispose();

        _offers.Add(new("well", 1)); // it has less in flight until it has two as well
        using var third = (await Choose(chooser))!;
        using var fourth = (await Choose(chooser))!;
        Assert.Equal(("well", "well"), (third.AgentId, fourth.AgentId));
    }

    [Fact]
    public async Task Requests_in_flight_in_one_tenant_do_not_count_for_an_agent_of_the_same_id_in_another()
    {
        var chooser = Chooser();
        using var first = (await Choose(chooser))!;
        using var second = (await Choose(chooser))!;
        _offers.Add(new("well", 1));
        using var elsewhere = (await Choose(chooser, Second))!;
        using var here = (await Choose(chooser))!;

        Assert.Equal(("silent", "well"), (elsewhere.AgentId, here.AgentId));
    }

    [Fact]
    public async Task A_turn_that_was_taken_in_one_tenant_is_not_taken_in_another()
    {
        var chooser = Chooser();
        _offers.Add(new("well", 1));
        var inTurn = new List<string>();
        foreach (var tenant in new[] { Tenant.Default, Second, Tenant.Default, Second })
        {
            using var chosen = (await Choose(chooser, tenant))!;
            inTurn.Add(chosen.AgentId);
        }

        Assert.Equal(["silent", "silent", "well", "well"], inTurn);
    }

    [Fact]
    public async Task A_conversation_that_was_closed_in_one_tenant_is_still_asked_in_by_agents_of_the_same_ids_in_another()
    {
        await Fails(Caller(new AgentBreakers(_time)), "another", Second);
        var caller = Caller(new AgentBreakers(_time));
        _closesTheNext = true;
        await Fails(caller, "another"); // in a conversation that is closed, and in the next one

        await Fails(caller, "another", Second);

        Assert.Equal((4, _said[0]), (_said.Count, _said[3]));
    }

    [Fact]
    public async Task An_agent_whose_presence_could_not_be_asked_for_is_not_in_flight()
    {
        var chooser = Chooser();
        _offers.Add(new("well", 1));
        _broken = new InvalidOperationException("no answer of an entity");
        await Assert.ThrowsAsync<InvalidOperationException>(() => Choose(chooser));
        _broken = null;

        var inTurn = new List<string>();
        for (var n = 0; n < 4; n++)
        {
            using var chosen = (await Choose(chooser))!;
            inTurn.Add(chosen.AgentId);
        }

        Assert.Equal(["well", "silent", "well", "silent"], inTurn);
    }

    /// <summary>Agents are there and block nobody; in each conversation too much waits, where anybody waits to hear that.</summary>
    public EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class => new(stream, async (_, envelope, cancel) =>
    {
        if (_broken is { } broken) throw broken;
        if (envelope.Body is ConversationCommand.Say)
        {
            await (_time.IsOver ? Task.Delay(Timeout.Infinite, cancel) : Task.CompletedTask);
            _said.Add(stream.Id);
            _closed ??= _closesTheNext ? stream.ToString() : null;
            if (stream.ToString() == _closed) return envelope.Answered(Answer.No(ConversationRejection.Closed));
        }

        return envelope.Answered(envelope.Body is AgentCommand.GetPresence ? Answer.Of(new AgentPresence(true)) : Answer.No(ConversationRejection.TooManyWaiting(1)));
    });

    private static Task<SkillChooser.Chosen?> Choose(SkillChooser chooser, Tenant? tenant = null) => chooser.Choose(tenant ?? Tenant.Default, "word", _ => true, new(StringComparer.Ordinal), Guid.CreateVersion7());

    private SkillChooser Chooser() => new(new Known(_offers), this, new(new Entities(null!), _time, alone: true));

    private SkillCaller Caller(AgentBreakers breakers)
    {
        var journal = new MemoryJournal(_time);
        var log = new ConversationLog(journal, new PersonalKeys(journal, new byte[32], static bytes => bytes.Clear(), _time));
        return new(new(this, new(journal, log, _time), log, _time), Chooser(), _time, breakers);
    }

    private static async Task<OutboundFailure> Fails(SkillCaller caller, string user, Tenant? tenant = null)
    {
        var call = new ServiceCall("words", user, $"agent-of-{user}", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(20)) { Peers = ["*"], Path = [$"agent-of-{user}"] };
        return Assert.IsType<OutboundResult.Failed>(await caller.Call(tenant ?? Tenant.Default, "word", call, TimeSpan.FromSeconds(5), null, CancellationToken.None)).Kind;
    }

    private sealed class Known(IReadOnlyList<Offer> offers) : IOffers
    {
        public IReadOnlyList<Offer> Of(Tenant tenant, string skill, DateTimeOffset now) => offers;
    }

    /// <summary>It stands still. What somebody waits for until a time is over at once, or never.</summary>
    private sealed class Impatient : TimeProvider
    {
        public volatile bool IsOver;

        public override long GetTimestamp() => 0;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(60);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, IsOver && dueTime != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
