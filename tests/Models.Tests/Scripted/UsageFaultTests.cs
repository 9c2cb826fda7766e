using Agora.ScriptedModels;

namespace Agora.Models.Tests.Scripted;

/// <summary>Usage that is told otherwise than it should be, while the truth stays what it is.</summary>
public sealed class UsageFaultTests
{
    [Theory]
    [MemberData(nameof(Talk.All), MemberType = typeof(Talk))]
    public async Task Missing_usage_is_nowhere(string name)
    {
        await using var provider = await With(UsageFault.Missing);
        Assert.Null((await new Talk(name).Hear(provider, stream: true)).Usage);
        Assert.Null((await new Talk(name).Hear(provider, stream: false)).Usage);
        await provider.Idle();
        Assert.All(provider.Truths, static truth => Assert.True(truth is { IsComplete: true, CouldBeKnown: false, Counts.Output: 20 }));
    }

    [Theory]
    [InlineData(Talk.Chat, UsageFault.Twice)]
    [InlineData(Talk.Chat, UsageFault.WithFinish)]
    [InlineData(Talk.Responses, UsageFault.Twice)]
    [InlineData(Talk.Responses, UsageFault.Late)]
    [InlineData(Talk.Messages, UsageFault.Twice)]
    [InlineData(Talk.Messages, UsageFault.Late)]
    [InlineData(Talk.Generate, UsageFault.Late)]
    public async Task Usage_that_is_told_oddly_is_the_truth_when_all_is_read(string name, UsageFault how)
    {
        await using var provider = await With(how);
        using var response = await new Talk(name).Send(provider, stream: true);
        var events = Talk.Events(await response.Content.ReadAsStringAsync());
        var member = name == Talk.Generate ? "\"usageMetadata\":{" : "\"usage\":{";
        var told = events.Select(static (sent, at) => (sent, at)).Where(sent => sent.sent.Contains(member, StringComparison.Ordinal)).Select(static sent => sent.at).ToArray();
        Assert.Equal(how == UsageFault.Twice ? name == Talk.Messages ? 3 : 2 : name == Talk.Messages ? 2 : 1, told.Length);
        await provider.Idle();
        var truth = Assert.Single(provider.Truths);
        Assert.Equal(truth.Counts, Heard.OfEvents(name, events).Usage);
        Assert.True(truth.CouldBeKnown);
    }

    [Theory]
    [InlineData(UsageFault.Negative, ":-")]
    [InlineData(UsageFault.Strings, "\":\"20\"")]
    [InlineData(UsageFault.Huge, ":4611686018427387904")]
    [InlineData(UsageFault.Beyond, ":92233720368547758080")]
    [InlineData(UsageFault.Fractions, ":20.5")]
    public async Task Wrong_usage_is_told_by_every_maker(UsageFault how, string text)
    {
        await using var provider = await With(how);
        foreach (var name in new[] { Talk.Chat, Talk.Responses, Talk.Messages, Talk.Generate })
        {
            foreach (var stream in new[] { false, true })
            {
                using var response = await new Talk(name).Send(provider, stream);
                Assert.Contains(text, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }

        await provider.Idle();
        Assert.All(provider.Truths, static truth => Assert.True(truth is { CouldBeKnown: false, Counts.Output: 20 }));
    }

    private static Task<ScriptedProvider> With(UsageFault how) => ScriptedProvider.Start(new Script { Reply = Reply.OfTokens(20, 1) with { Fault = new Fault.Usage(how) } });
}
