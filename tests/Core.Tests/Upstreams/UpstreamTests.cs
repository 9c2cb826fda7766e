using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Upstreams;
using Upstream = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Upstreams.UpstreamState, Agora.Core.Upstreams.UpstreamCommand, Agora.Core.Upstreams.UpstreamEvent>;

namespace Agora.Core.Tests.Upstreams;

/// <summary>What an upstream offers, what operators approve of it, and what its services are told.</summary>
public sealed class UpstreamTests
{
    private static readonly UpstreamDefinition Maps = new(["https://maps.example/mcp"], null, null, null, "maps", 20_000, "maps-provider", null, 10_000, Active: true);
    private static readonly OfferedTool Route = Tool("route");

    public static TheoryData<string, UpstreamDefinition, string?> Wrong => new()
    {
        { nameof(UpstreamRejection.PriceOutOfRange), Maps with { PriceMicros = -1 }, null },
        { nameof(UpstreamRejection.PriceOutOfRange), Maps with { Tools = [new("maps__route", -1, null)] }, null },
        { nameof(UpstreamRejection.TimeoutOutOfRange), Maps with { TimeoutMs = 0 }, null },
        { nameof(UpstreamRejection.WhereFromMissing), Maps with { Urls = null }, null },
        { nameof(UpstreamRejection.WhereFromMissing), Maps with { Command = "maps" }, null },
        { nameof(UpstreamRejection.SecretOfACommand), Maps with { Urls = null, Command = "maps", AuthHeader = "Authorization" }, "s" },
        { nameof(UpstreamRejection.SecretWithoutHeader), Maps, "s" },
        { nameof(UpstreamRejection.HeaderWithoutSecret), Maps with { AuthHeader = "Authorization" }, null },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void An_upstream_that_cannot_be_is_refused(string rejection, UpstreamDefinition definition, string? secret) => New()
        .When(new UpstreamCommand.Put(definition, secret is null ? null : Personal.Of(secret)))
        .ThenRejected((Rejection)typeof(UpstreamRejection).GetProperty(rejection)!.GetValue(null)!);

    [Fact]
    public void An_upstream_is_what_was_put_last_and_the_same_again_changes_nothing() => New()
        .When(new UpstreamCommand.Get()).ThenRejected(UpstreamRejection.NotFound)
        .When(Put(Maps)).ThenAnswered<UpstreamView>(view => Assert.Equal(Maps, view.Definition))
        .When(Put(Maps)).Then()
        .When(Put(Maps with { Active = false })).ThenAnswered<UpstreamView>(view => Assert.False(view.Definition.Active))
        .ThenState(state => Assert.False(state.Follows));

    [Fact]
    public void A_secret_is_kept_for_the_addresses_that_it_was_given_for_and_goes_to_no_other()
    {
        var guarded = Maps with { AuthHeader = "Authorization", Urls = ["https://a.example/mcp", "https://b.example/mcp"] };
        New().When(new UpstreamCommand.Put(guarded, Personal.Of("s")))
            .When(Put(guarded with { Urls = ["https://b.example/mcp"] })).ThenAnswered<UpstreamView>(view => Assert.Equal(1, view.Secrets))
            .When(Put(guarded with { Urls = ["https://a.example/mcp"] })).ThenRejected(UpstreamRejection.SecretOfAnotherAddress)
            .When(Put(guarded with { Urls = ["https://b.example/mcp", "https://c.example/mcp"] })).ThenRejected(UpstreamRejection.SecretOfAnotherAddress)
            .When(new UpstreamCommand.GetAccess()).ThenAnswered<UpstreamAccess>(access => Assert.Equal("s", access.Secret!.Read<string>()))
            .When(Put(Maps)).ThenAnswered<UpstreamView>(view => Assert.Equal(2, view.Secrets)) // without its header it is taken away
            .When(new UpstreamCommand.GetAccess()).ThenAnswered<UpstreamAccess>(access => Assert.Null(access.Secret));
    }

    [Fact]
    public void Another_secret_is_another_upstream_though_nothing_else_changed()
    {
        var (guarded, before) = (Maps with { AuthHeader = "Authorization" }, "");
        New().When(new UpstreamCommand.Put(guarded, Personal.Of("old"))).ThenAnswered<UpstreamView>(view => before = view.Etag)
            .When(new UpstreamCommand.Put(guarded, Personal.Of("new"))).ThenAnswered<UpstreamView>(view => Assert.NotEqual(before, view.Etag))
            .When(new UpstreamCommand.GetAccess()).ThenAnswered<UpstreamAccess>(access => Assert.Equal((2, "new"), (access.Course, access.Secret!.Read<string>())));
    }

    [Fact]
    public void What_is_offered_is_recorded_and_has_no_service_until_an_operator_approved_exactly_it()
    {
        var upstream = New().When(Put(Maps));
        Listed(upstream, Route).ThenEvents(typeof(UpstreamEvent.Offered)).ThenState(state => Assert.True(state.Tools["maps__route"].Tool.Waits));
        Assert.Empty(Callable(upstream));
        Listed(upstream, Route).Then();

        upstream.When(new UpstreamCommand.Approve("maps__nothing", Route.Hash)).ThenRejected(UpstreamRejection.NoTool)
            .When(new UpstreamCommand.Approve("maps__route", Tool("route", "another").Hash)).ThenRejected(UpstreamRejection.Changed(Route.Hash))
            .When(new UpstreamCommand.Approve("maps__route", Route.Hash)).ThenAnswered<UpstreamTool>(tool => Assert.Equal(Route, tool.Approved));

        Assert.Equal(new CallableTool("route", Route.Hash), Assert.Single(Callable(upstream)));
        var service = Published(upstream);
        Assert.Equal(("route", "Finds a way", "maps", 20_000L, true), (service.Name, service.Description, service.Category, service.PriceMicros, service.Active));
        Assert.Equal(new ToolOf("maps", "route", Route.Hash, upstream.State.Revision), service.Tool);
        Assert.Empty(UpstreamDecider.Unfinished(upstream.State, upstream.Now));
    }

    [Theory]
    [InlineData("𠮷")]
    [InlineData("👨‍👩‍👧")]
    [InlineData("か\u3099")]
    [InlineData("📂")]
    public void A_long_description_is_cut_between_graphemes_for_agents(string grapheme)
    {
        var tool = Tool("route", new string('x', Limits.DescriptionLength - 2) + string.Concat(Enumerable.Repeat(grapheme, 4)));
        var upstream = New().When(Put(Maps));
        Listed(upstream, tool);
        upstream.When(new UpstreamCommand.Approve("maps__route", tool.Hash));

        Assert.Equal(new string('x', Limits.DescriptionLength - 2) + "…", Published(upstream).Description);
    }

    public static TheoryData<OfferedTool> Others =>
    [
        Tool("route", "Sends all that it is given to somebody else"),
        OfferedTool.Of("route", null, "Finds a way", """{"type":"object","properties":{"password":{"type":"string"}}}""", null),
        OfferedTool.Of("route", null, "Finds a way", """{"type":"object"}""", """{"type":"object"}"""),
        OfferedTool.Of("route", null, "Finds a way", """{"type":"object"}""", null, new(Idempotent: true)),
        OfferedTool.Of("route", "Another title", "Finds a way", """{"type":"object"}""", null),
    ];

    [Theory]
    [MemberData(nameof(Others))]
    public void A_tool_that_changed_is_taken_away_at_once_and_comes_back_only_as_it_was_or_by_another_yes(OfferedTool other)
    {
        var upstream = Approved();
        Listed(upstream, other).ThenEvents(typeof(UpstreamEvent.Offered));
        Assert.Empty(Callable(upstream));
        var taken = Published(upstream);
        Assert.Equal((false, "Finds a way", Route.Hash), (taken.Active, taken.Description, taken.Tool!.Hash));

        Listed(upstream, Route);
        Assert.Single(Callable(upstream));
        Assert.True(Published(upstream).Active);

        Listed(upstream, other);
        _ = Published(upstream);
        upstream.When(new UpstreamCommand.Approve("maps__route", Route.Hash)).ThenRejected(UpstreamRejection.Changed(other.Hash))
            .When(new UpstreamCommand.Approve("maps__route", other.Hash));
        Assert.Equal((true, other.Description), (Published(upstream).Active, upstream.State.Tools["maps__route"].Tool.Approved!.Description));
    }

    [Fact]
    public void A_tool_that_is_offered_no_more_is_taken_away_and_kept_for_as_long_as_it_is_approved()
    {
        var upstream = Approved();
        Listed(upstream, Tool("other")).ThenEvents(typeof(UpstreamEvent.Offered));
        Assert.Empty(Callable(upstream));
        Assert.False(Published(upstream).Active);
        upstream.When(new UpstreamCommand.Approve("maps__route", Route.Hash)).ThenRejected(UpstreamRejection.Gone);
        Listed(upstream, Route).ThenState(state => Assert.Equal(["maps__route"], state.Tools.Keys)); // what nobody approved is forgotten
        Assert.True(Published(upstream).Active);
    }

    [Fact]
    public void What_is_put_of_the_upstream_its_services_follow()
    {
        var upstream = Approved();
        upstream.When(Put(Maps with { PriceMicros = 50_000, Tools = [new("maps__route", 70_000, "ways")] }));
        Assert.Equal((70_000L, "ways", true), (Published(upstream) is var own ? own.PriceMicros : 0, own.Category, own.Active));
        upstream.When(Put(Maps with { Tools = [new("maps__route", null, null, Inactive: true)] }));
        Assert.False(Published(upstream).Active);
        Assert.Empty(Callable(upstream));
        upstream.When(Put(Maps));
        Assert.True(Published(upstream).Active);
        upstream.When(Put(Maps with { Active = false }));
        Assert.False(Published(upstream).Active);
    }

    [Fact]
    public void A_service_that_followed_what_is_old_by_now_is_told_again()
    {
        var upstream = New().When(Put(Maps));
        Listed(upstream, Route).When(new UpstreamCommand.Approve("maps__route", Route.Hash));
        var late = Publishing(upstream);
        upstream.When(Put(Maps with { PriceMicros = 70_000, TimeoutMs = 3_000 })).When((UpstreamCommand)late.Then(new StepOutcome.Answered(Answer.Of(Nothing.Value)))!);
        Assert.Equal((70_000L, 3_000), (Published(upstream) is var told ? told.PriceMicros : 0, told.TimeoutMs));
        Assert.Empty(UpstreamDecider.Unfinished(upstream.State, upstream.Now));
    }

    [Fact]
    public void No_more_tools_are_approved_than_may_be_and_those_that_are_can_be_approved_anew()
    {
        var tools = Enumerable.Range(0, Limits.UpstreamApproved).Select(i => Tool($"t{i:D3}")).ToList();
        var upstream = New().When(Put(Maps)).Given(
        [
            new UpstreamEvent.Offered([.. tools.Append(Route).Select(tool => new Offer($"maps__{tool.Name}", tool))], []),
            .. tools.Select(tool => new UpstreamEvent.ToolApproved(new($"maps__{tool.Name}", tool, tool, Upstream.Start))),
            new UpstreamEvent.Offered([new("maps__t000", Tool("t000", "Another"))], []),
        ]);
        upstream.When(new UpstreamCommand.Approve("maps__route", Route.Hash)).ThenRejected(UpstreamRejection.TooMany)
            .When(new UpstreamCommand.Approve("maps__t000", Tool("t000", "Another").Hash)).ThenEvents(typeof(UpstreamEvent.ToolApproved));
    }

    [Theory]
    [InlineData(null, null, null, false)]
    [InlineData(true, null, null, true)]
    [InlineData(null, null, true, true)]
    [InlineData(false, false, false, false)]
    public void Only_what_says_that_it_changes_nothing_or_nothing_more_may_be_repeated(bool? readOnly, bool? destructive, bool? idempotent, bool mayRepeat)
    {
        var tool = OfferedTool.Of("route", null, "Finds a way", null, null, new(readOnly, destructive, idempotent));
        var upstream = New().When(Put(Maps));
        Listed(upstream, tool).When(new UpstreamCommand.Approve("maps__route", tool.Hash));
        Assert.Equal(mayRepeat, Assert.Single(Callable(upstream)).MayRepeat);
    }

    [Fact]
    public void Its_row_says_whether_it_is_followed_and_whether_it_is_there()
    {
        var upstream = New().When(Put(Maps));
        Assert.Equal((1L, 0L), Row());
        upstream.When(Put(Maps with { Active = false }));
        Assert.Equal((0L, 0L), Row());
        upstream.When(Put(Maps)).When(new UpstreamCommand.Delete());
        Assert.Equal((0L, 1L), Row());

        (object?, object?) Row() => Assert.Single(UpstreamTables.Rows(upstream.State, upstream.Last.Events[0])).Values is var values ? (values[2], values[3]) : default;
    }

    [Fact]
    public void A_deleted_upstream_takes_its_tools_away_first_and_put_again_it_has_none_approved()
    {
        var upstream = Approved().When(new UpstreamCommand.Delete()).ThenAnswered(new UpstreamDeleted("maps"))
            .When(new UpstreamCommand.GetAccess()).ThenRejected(UpstreamRejection.NotFound)
            .When(new UpstreamCommand.GetTools()).ThenRejected(UpstreamRejection.NotFound)
            .When(new UpstreamCommand.Approve("maps__route", Route.Hash)).ThenRejected(UpstreamRejection.NotFound)
            .When(Put(Maps)).ThenRejected(UpstreamRejection.Withdrawing);
        var revision = upstream.State.Revision;
        Assert.False(Published(upstream).Active);

        upstream.When(Put(Maps)).ThenAnswered<UpstreamView>(view => Assert.Equal(0, view.Approved));
        Assert.Equal(revision, upstream.State.Revision); // what is approved next comes after all that its services were told before
        Listed(upstream, Route).ThenState(state => Assert.True(state.Tools["maps__route"].Tool.Waits));
    }

    [Theory]
    [InlineData(ToolFaults.DescriptionTooLong)]
    [InlineData(ToolFaults.Hidden)]
    [InlineData(ToolFaults.Schema)]
    public void A_tool_that_cannot_be_used_is_shown_and_not_approved(string fault)
    {
        var bad = OfferedTool.Of("route", null, "Finds a way", null, null, null, fault);
        var upstream = New().When(Put(Maps));
        Listed(upstream, bad).When(new UpstreamCommand.Approve("maps__route", bad.Hash)).ThenRejected(UpstreamRejection.Unusable(fault));
    }

    [Fact]
    public void Names_that_no_client_takes_or_that_two_tools_have_cannot_be_approved()
    {
        var upstream = New().When(Put(Maps));
        Listed(upstream, Tool("find way"), Tool("find.way"), Tool("Wege für alle"), Tool(new string('x', 59)));

        Assert.Equal(
            [("maps:1", ToolFaults.Name), ("maps:2", ToolFaults.NameTaken), ("maps:3", ToolFaults.Name), ("maps__find_way", null)],
            upstream.State.Tools.Values.Select(kept => (kept.Tool.ServiceId, kept.Tool.Offered!.Unusable)));
    }

    [Fact]
    public void Whoever_was_approved_under_a_name_keeps_it()
    {
        var upstream = New().When(Put(Maps));
        Listed(upstream, Tool("find.way")).When(new UpstreamCommand.Approve("maps__find_way", Tool("find.way").Hash));
        _ = Published(upstream);
        Listed(upstream, Tool("find way"), Tool("find.way"));
        Assert.Equal("find.way", Assert.Single(Callable(upstream)).Name);
    }

    [Fact]
    public void A_list_that_cannot_be_read_changes_no_tool_and_is_said_once()
    {
        var upstream = Approved();
        Done(upstream, new UpstreamOutcome.Failed(UpstreamFailures.Timeout)).ThenEvents(typeof(UpstreamEvent.ListFailed));
        Done(upstream, new UpstreamOutcome.Failed(UpstreamFailures.Timeout)).Then();
        Done(upstream, new UpstreamOutcome.Failed(UpstreamFailures.Unauthorized)).ThenEvents(typeof(UpstreamEvent.ListFailed)); // another reason is said too
        Done(upstream, new StepOutcome.Unreachable()).Then();
        Assert.Single(Callable(upstream));
        Listed(upstream, Route).ThenEvents(typeof(UpstreamEvent.Offered)).ThenState(state => Assert.Null(state.Failure));
        Listed(upstream, Route).Then();
    }

    [Fact]
    public void What_was_read_under_another_definition_says_nothing()
    {
        var upstream = New().When(Put(Maps));
        var before = Listing(upstream);
        upstream.When(Put(Maps with { Urls = ["https://other.example/mcp"] }))
            .When((UpstreamCommand)before.Then(new UpstreamOutcome.Listed([Route]))!).Then();
        Assert.Empty(upstream.State.Tools);
    }

    [Fact]
    public void Who_changes_its_list_all_the_time_is_asked_less_and_less()
    {
        var upstream = New().When(Put(Maps));
        Listed(upstream, Tool("a0"));
        var pauses = Enumerable.Range(1, 8).Select(i => PauseAfter(Listed(upstream, Tool($"a{i}")))).ToList();
        Assert.Equal([.. Enumerable.Range(1, 5).Select(i => Limits.UpstreamPause * (1 << i)), .. Enumerable.Repeat(Limits.UpstreamPauseLongest, 3)], pauses);
        Assert.Equal(Limits.UpstreamHeardPause * (1 << 8), PauseAfter(upstream.When(new UpstreamCommand.Heard()))); // who says so all the time is not read at once either
        Assert.Equal(Limits.UpstreamPause, PauseAfter(Listed(upstream, Tool("a8"))));

        static TimeSpan PauseAfter(Upstream upstream) => upstream.Last.Steps.Select(step => step.Target).OfType<StepTarget.Outside>().Select(outside => outside.Call).OfType<UpstreamList>().Single().Pause;
    }

    [Fact]
    public void An_operator_who_asks_is_answered_with_what_was_read_and_no_more_wait_at_once_than_may()
    {
        var upstream = New().When(new UpstreamCommand.Refresh()).ThenRejected(UpstreamRejection.NotFound).When(Put(Maps));
        var id = Guid.CreateVersion7(Upstream.Start);
        upstream.When(new UpstreamCommand.Refresh(), id).ThenLater();
        upstream.When((UpstreamCommand)Assert.Single(UpstreamDecider.Unfinished(upstream.State, upstream.Now)).Then(new UpstreamOutcome.Listed([Route]))!)
            .ThenAnsweredLate(id, answer => Assert.Equal(1, ((UpstreamView)answer.Reply!).Waiting));
        for (var i = 0; i < Limits.UpstreamAsked; i++)
        {
            upstream.When(new UpstreamCommand.Refresh()).ThenLater();
        }

        upstream.When(new UpstreamCommand.Refresh()).ThenRejected(UpstreamRejection.Crowded);
        Assert.Equal(Limits.UpstreamAsked, UpstreamDecider.Unfinished(upstream.State, upstream.Now).Count());
    }

    [Fact]
    public void A_service_that_another_has_is_not_taken_and_the_tool_says_so()
    {
        var upstream = New().When(Put(Maps));
        Listed(upstream, Route).When(new UpstreamCommand.Approve("maps__route", Route.Hash));
        var step = Publishing(upstream);
        Assert.Null(step.Then(new StepOutcome.Unreachable()));
        upstream.When((UpstreamCommand)step.Then(new StepOutcome.Answered(Answer.No(ServiceRejection.NoTool)))!).ThenState(state => Assert.Equal(Codes.ValidationFailed, state.Tools["maps__route"].Tool.Refused))
            .When(new UpstreamCommand.Approve("maps__route", Route.Hash)).ThenEvents(typeof(UpstreamEvent.ToolApproved)); // it is tried again
    }

    private static OfferedTool Tool(string name, string description = "Finds a way") => OfferedTool.Of(name, null, description, """{"type":"object"}""", null);

    private static UpstreamCommand Put(UpstreamDefinition definition) => new UpstreamCommand.Put(definition, null);

    private static Upstream New() => Upstream.Of(new(StreamId.DefaultTenant, Kinds.Upstream, "maps")).Natural(static command => command is not (UpstreamCommand.Delete or UpstreamCommand.Refresh));

    private static Step Listing(Upstream upstream) => Assert.Single(UpstreamDecider.Ongoing(upstream.State, upstream.Now));

    private static Upstream Done(Upstream upstream, StepOutcome outcome) => upstream.When((UpstreamCommand)Listing(upstream).Then(outcome)!);

    private static Upstream Listed(Upstream upstream, params IReadOnlyList<OfferedTool> tools) => Done(upstream, new UpstreamOutcome.Listed(tools));

    private static Upstream Approved()
    {
        var upstream = New().When(Put(Maps));
        Listed(upstream, Route).When(new UpstreamCommand.Approve("maps__route", Route.Hash));
        _ = Published(upstream);
        return upstream;
    }

    private static IReadOnlyList<CallableTool> Callable(Upstream upstream)
    {
        IReadOnlyList<CallableTool> callable = [];
        upstream.When(new UpstreamCommand.GetAccess()).ThenAnswered<UpstreamAccess>(access => callable = access.Callable);
        return callable;
    }

    private static Step Publishing(Upstream upstream) => Assert.Single(UpstreamDecider.Unfinished(upstream.State, upstream.Now));

    /// <summary>What the tool's service is told, and takes.</summary>
    private static ServiceDefinition Published(Upstream upstream)
    {
        var step = Publishing(upstream);
        var told = Assert.IsType<ServiceCommand.PutTool>(Assert.IsType<StepTarget.Entity>(step.Target).Command);
        upstream.When((UpstreamCommand)step.Then(new StepOutcome.Answered(Answer.Of(Nothing.Value)))!).ThenEvents(typeof(UpstreamEvent.ToolPublished));
        return told.Definition;
    }
}
