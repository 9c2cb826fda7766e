using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Users;

namespace Agora.Core.Tests.Responses;

/// <summary>A reply that is kept is said in order and once, until it has ended or was deleted.</summary>
public sealed class ResponseTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Personal Words = new("[]"u8.ToArray());
    private ResponseState _response = new(Tenant.Default.Response(OwnedIds.Of(Guid.Parse("01957a00-0000-7000-8000-000000000001"), "ann")), null);

    [Fact]
    public void It_is_begun_once_and_whole_or_in_parts()
    {
        foreach (var command in (ResponseCommand[])[Say(0), new ResponseCommand.End(null), new ResponseCommand.Delete(), new ResponseCommand.Get()])
        {
            Assert.Equal(ResponseRejection.NotFound, Refused(command));
        }

        Assert.Equal(3, Does(Begin() with { Whole = Words }).Count);
        Assert.Empty(Does(Begin()));
        Assert.Equal(ResponseRejection.Other, Refused(Begin("s-2")));
        Assert.Equal((1, (DateTimeOffset?)Start, (string?)null), (_response.View!.Parts, _response.View.EndedAt, _response.View.FailureCode));
        Assert.Equal(ResponseRejection.IsOver, Refused(Say(1)));
    }

    [Fact]
    public void Parts_are_said_in_order_and_once()
    {
        Does(Begin());
        Assert.Equal(ResponseRejection.OutOfOrder, Refused(Say(1)));
        Assert.Single(Does(Say(0)));
        Assert.Empty(Does(Say(0)));
        Assert.Equal(ResponseRejection.OutOfOrder, Refused(Say(2)));
        Assert.Single(Does(Say(1)));

        Assert.Equal((2, (DateTimeOffset?)null), (_response.View!.Parts, _response.View.EndedAt));
    }

    [Fact]
    public void What_has_ended_says_nothing_more_and_stays_as_it_ended()
    {
        Does(Begin());
        Does(Say(0));
        Assert.Single(Does(new ResponseCommand.End(Codes.Unavailable)));

        Assert.Equal(ResponseRejection.IsOver, Refused(Say(1)));
        Assert.Empty(Does(Say(0)));
        Assert.Empty(Does(new ResponseCommand.End(null)));
        Assert.Equal((1, Codes.Unavailable), (_response.View!.Parts, _response.View.FailureCode));
    }

    [Fact]
    public void What_is_deleted_says_nothing_more_and_is_there_no_more()
    {
        Does(Begin());
        Does(Say(0));
        Does(new ResponseCommand.Get());
        Assert.Single(Does(new ResponseCommand.Delete()));

        Assert.Equal(ResponseRejection.IsOver, Refused(Say(1)));
        Assert.Equal(ResponseRejection.NotFound, Refused(new ResponseCommand.Delete()));
        Assert.Equal(ResponseRejection.NotFound, Refused(new ResponseCommand.Get()));
        Assert.Equal((1, true), (_response.View!.Parts, _response.View.IsDeleted));
    }

    private static ResponseCommand.Begin Begin(string session = "s-1") => new(session, "agent-1", "m", Start, Words);

    private static ResponseCommand.Say Say(int number) => new(number, Words);

    private IReadOnlyList<ResponseEvent> Does(ResponseCommand command)
    {
        var decision = Decide(command);
        Assert.Null(decision.Answer!.Rejection);
        foreach (var happened in decision.Events)
        {
            _response = _response.Evolve(happened, Start);
        }

        Assert.Equal(_response.View, decision.Answer.Reply);
        return decision.Events;
    }

    private Rejection? Refused(ResponseCommand command)
    {
        var decision = Decide(command);
        Assert.Empty(decision.Events);
        return decision.Answer!.Rejection;
    }

    private Decision<ResponseState, ResponseEvent> Decide(ResponseCommand command) => ResponseDecider.Decide(_response, command, new(Start, Guid.NewGuid()));
}
