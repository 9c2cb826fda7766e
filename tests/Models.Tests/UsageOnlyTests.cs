using System.Text;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

/// <summary>What a reply that cannot be read was counted as.</summary>
public sealed class UsageOnlyTests
{
    private static readonly ProviderFault Unreadable = new(FaultKind.Failed, "Unreadable.");

    [Fact]
    public void A_whole_reply_that_wrote_nothing_is_counted_as_what_it_read()
    {
        Assert.Equal(new(Input: 900), Counted(new ChatWire(false), """{"choices":5,"usage":{"prompt_tokens":900,"completion_tokens":0}}"""));
        Assert.Equal(new(Input: 900), Counted(new ResponsesWire(), """{"output":5,"usage":{"input_tokens":900,"output_tokens":0}}"""));
    }

    /// <summary>A tier has a price of its own, of a reply that cannot be read too.</summary>
    [Fact]
    public void A_whole_reply_that_cannot_be_read_keeps_the_tier_that_served_it()
    {
        Assert.Equal("priority", Tier(new ChatWire(false), """{"choices":5,"service_tier":"priority","usage":{"prompt_tokens":900,"completion_tokens":1}}"""));
        Assert.Equal("priority", Tier(new ResponsesWire(), """{"output":5,"service_tier":"priority","usage":{"input_tokens":900,"output_tokens":1}}"""));
        Assert.Equal("priority", Tier(new MessagesWire(), """{"content":5,"usage":{"input_tokens":900,"output_tokens":1,"service_tier":"priority"}}"""));
        Assert.Null(Tier(new ChatWire(false), """{"choices":5,"usage":{"prompt_tokens":900,"completion_tokens":1}}"""));
    }

    [Theory]
    [InlineData("""{"choices":5,"usage":{"prompt_tokens":0,"completion_tokens":0}}""")]
    [InlineData("""{"choices":5,"usage":{"prompt_tokens":-1,"completion_tokens":0}}""")]
    [InlineData("""{"choices":5}""")]
    public void A_whole_reply_of_which_nothing_was_counted_has_no_count(string body) => Assert.Null(((IWire)new ChatWire(false)).ReadCounted(Encoding.UTF8.GetBytes(body), Unreadable));

    private static string? Tier(IWire wire, string body) => wire.ReadCounted(Encoding.UTF8.GetBytes(body), Unreadable)!.ServiceTier;

    private static Usage? Counted(IWire wire, string body) => wire.ReadCounted(Encoding.UTF8.GetBytes(body), Unreadable)?.Usage;
}
