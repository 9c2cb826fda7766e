using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Sessions;

namespace Agora.Core.Tests.Nodes;

/// <summary>Silos of two releases answer each other: how long a hold stays open is said by the newer, and never needed.</summary>
public sealed class InquiredTests
{
    private static readonly Guid Hold = new("01957a00-0000-7000-8000-000000000001");
    private static readonly Guid Run = new("01957a00-0000-7000-8000-00000000000a");
    private const string Older = """{"run_id":"01957a00-0000-7000-8000-00000000000a","hold_id":"01957a00-0000-7000-8000-000000000001","open":true,"posted":false,"amount_micros":0""";

    [Theory]
    [InlineData(null, "}")]
    [InlineData(300, ",\"open_for_seconds\":300}")]
    public void How_long_a_hold_stays_open_is_written_only_where_it_is_said(int? seconds, string end)
    {
        var answer = new Inquired(Run, Hold, Open: true, Posted: false, 0, seconds);
        var coded = SessionEntity.Entity.Answers.Encode(answer);
        Assert.Equal(("answer.inquired", 1, Older + end), (coded.Name, coded.Version, Encoding.UTF8.GetString(coded.Payload)));
        Assert.Equal(answer, SessionEntity.Entity.Answers.Decode(coded.Name, coded.Version, coded.Payload, null));
    }

    [Fact]
    public void Owner_says_it_of_an_open_hold_and_of_no_other()
    {
        Assert.Equal(300, Answered(isOpen: true, told: null).OpenForSeconds);
        Assert.Null(Answered(isOpen: false, told: (true, 5, 0)).OpenForSeconds);
        Assert.Null(Answered(isOpen: false, told: null).OpenForSeconds);
    }

    private static Inquired Answered(bool isOpen, (bool, long, long)? told) =>
        (Inquired)HoldOwner.Answer<string, string>(new(Run, Hold), isOpen, told, "disowned", openForSeconds: 300).Answer!.Reply!;
}
