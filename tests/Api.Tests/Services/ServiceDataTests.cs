using Agora.Api.Services;
using Agora.Application.Values;
using static Agora.Api.Tests.Runs.RunDataTests;

namespace Agora.Api.Tests.Services;

public sealed class ServiceDataTests
{
    [Fact]
    public void A_page_with_all_its_members_is_written_as_the_serializer_writes_it() => Same(new ServicesData(
        [
            new("summary", "Summarizer", "Sums \"<é\u2028>\" up", "text", "provider", new(12_345), true, 0.7143, RawJson.Of("""{"type":"object"}"""), [new("survey", "A & Söhne", true, 3), new("other", "B", false, 0)]),
            new("free", "", "", "", "p", new(0), false, 1, null, []),
        ],
        3_000_000_000,
        20,
        10,
        null));

    [Fact]
    public void An_empty_page_is_written_as_the_serializer_writes_it() => Same(new ServicesData([], 0, 0, 50, "Nothing matches."));
}
