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

    [Theory]
    [InlineData("""{"choices":5,"usage":{"prompt_tokens":0,"completion_tokens":0}}""")]
    [InlineData("""{"choices":5,"usage":{"prompt_tokens":-1,"completion_tokens":0}}""")]
    [InlineData("""{"choices":5}""")]
    public void A_whole_reply_of_which_nothing_was_counted_has_no_count(string body) => Assert.Null(((IWire)new ChatWire(false)).ReadCounted(Encoding.UTF8.GetBytes(body), Unreadable));

    private static Usage? Counted(IWire wire, string body) => wire.ReadCounted(Encoding.UTF8.GetBytes(body), Unreadable)?.Usage;
}
