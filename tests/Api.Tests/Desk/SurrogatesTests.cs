using System.Text.Json;
using Agora.Api.Desk;

namespace Agora.Api.Tests.Desk;

public sealed class SurrogatesTests
{
    [Theory]
    [InlineData("\"\\ud800\"", "\uFFFD")]
    [InlineData("\"\\uDFFF.\"", "\uFFFD.")]
    [InlineData("\"\\uD83D\\uDE00\"", "\U0001F600")]
    [InlineData("\"\\ud83d\\ud83d\\ude00\"", "\uFFFD\U0001F600")]
    [InlineData("\"\\\\ud800\"", "\\ud800")]
    [InlineData("\"\\\\\\ud800 \\n\\u00e9\"", "\\\uFFFD \n\u00E9")]
    [InlineData("\"none\"", "none")]
    public void A_half_of_a_pair_is_shown_as_what_it_is_not_and_all_else_as_it_is(string json, string text) => Assert.Equal(text, Surrogates.Paired(JsonElement.Parse(json)).GetString());

    [Fact]
    public void Names_of_members_are_texts_too() => Assert.Equal("\uFFFD", Surrogates.Paired(JsonElement.Parse("""{"\ud9ab":[1]}""")).EnumerateObject().Single().Name);
}
