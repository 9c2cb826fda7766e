using System.Globalization;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Replay.Checking;
using Agora.Replay.Checking.Books;

namespace Agora.Replay.Tests.Checking;

/// <summary>What a session may have of models in a minute, calls under way included, as its events tell it.</summary>
public sealed class SessionBookTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(2, 0, null)]
    [InlineData(1, 0, "Session s1 has 200 tokens of  and 2 calls of 1 in a minute.")]
    [InlineData(1, 59, "Session s1 has 200 tokens of  and 2 calls of 1 in a minute.")]
    [InlineData(1, 60, null)]
    public void Calls_that_begin_in_a_minute_count_whether_they_ended_or_not(int most, int secondsLater, string? broken) =>
        Assert.Equal(broken is null ? [] : [broken], Broken(new(CallsPerMinute: most), (0, Begins(1, 100)), (secondsLater, Begins(2, 100))));

    [Theory]
    [InlineData(200, 0, null)]
    [InlineData(199, 0, "Session s1 has 200 tokens of 199 and 2 calls of  in a minute.")]
    [InlineData(199, 60, "Session s1 has 200 tokens of 199 and 1 calls of  in a minute.")]
    public void Tokens_of_a_call_under_way_count_in_each_minute_until_it_ends(int most, int secondsLater, string? broken) =>
        Assert.Equal(broken is null ? [] : [broken], Broken(new(TokensPerMinute: most), (0, Begins(1, 100)), (secondsLater, Begins(2, 100))));

    [Theory]
    [InlineData(130, 59, null)]
    [InlineData(129, 59, "Session s1 has 130 tokens of 129 and 2 calls of  in a minute.")]
    [InlineData(129, 60, null)]
    public void Tokens_of_a_call_that_ended_count_in_the_minute_in_which_it_ended(int most, int secondsLater, string? broken) =>
        Assert.Equal(broken is null ? [] : [broken], Broken(new(TokensPerMinute: most), (0, Begins(1, 100)), (0, new SessionEvent.HoldPosted(Id(1), 0, 30)), (secondsLater, Begins(2, 100))));

    [Fact]
    public void A_call_that_was_not_made_leaves_no_tokens_and_has_begun() => Assert.Equal(
        ["Session s1 has 100 tokens of 100 and 2 calls of 1 in a minute."],
        Broken(new(TokensPerMinute: 100, CallsPerMinute: 1), (0, Begins(1, 100)), (1, new SessionEvent.HoldVoided(Id(1))), (2, Begins(2, 100))));

    private static SessionEvent Begins(int id, long tokens) => new SessionEvent.HoldReserved(Id(id), "default/session/s2", Id(100 + id), 0, 0, Tokens: tokens);

    private static List<string> Broken(ModelAllowance allowed, params (int Seconds, SessionEvent Event)[] happened)
    {
        var found = new List<string>();
        var book = new SessionBook("s1", found.Add);
        var begun = new SessionEvent.Begun("a1", "u1", new Scopes([], [], [], [], Models: allowed), 0, Noon.AddDays(1));
        foreach (var ((seconds, what), seq) in happened.Prepend((0, begun)).Select((one, n) => (one, n + 1)))
        {
            book.Happened(new(new StreamId("default", Core.Kinds.Session, "s1"), seq, Id(1_000 + seq), Noon.AddSeconds(seconds), what));
        }

        return found;
    }

    private static Guid Id(int number) => Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"00000000-0000-7000-8000-{number:d12}"));
}
