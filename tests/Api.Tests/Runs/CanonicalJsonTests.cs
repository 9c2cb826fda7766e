using System.Text.Json;
using Agora.Api.Runs;

namespace Agora.Api.Tests.Runs;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":{"d":[],"c":"é"}}""", """{ "a": {"c":"\u00e9", "d": [ ]}, "b": 1 }""", true)]
    [InlineData("""{"\u0062":1,"a":2}""", """{"a":2,"b":1}""", true)]
    [InlineData("[1,2]", "[2,1]", false)]
    [InlineData("1", "1.0", false)]
    [InlineData("""{"a":1}""", """{"a":1,"b":1}""", false)]
    [InlineData("""{"a":{"b":1}}""", """{"a":{},"b":1}""", false)]
    [InlineData("\"1\"", "1", false)]
    public void Inputs_are_the_same_whatever_the_order_of_their_members_and_the_spelling_of_their_strings(string one, string other, bool same) =>
        Assert.Equal(same, Hash(one) == Hash(other));

    [Fact]
    public void The_hash_is_64_characters_of_lower_case_hex() => Assert.Matches("^[0-9a-f]{64}$", Hash("{}"));

    private static string Hash(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CanonicalJson.Hash(document.RootElement);
    }
}
