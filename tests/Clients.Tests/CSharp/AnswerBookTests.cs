using Agora.Provider.Http;

namespace Agora.Clients.Tests.CSharp;

/// <summary>What a service remembers of its answers is bounded: by how many they are, and by how large.</summary>
public sealed class AnswerBookTests
{
    [Theory]
    [InlineData(3, 1_000, 10, 3)]
    [InlineData(100, 35, 10, 3)]
    [InlineData(100, 30, 10, 3)]
    [InlineData(100, 9, 10, 0)]
    public async Task The_oldest_go_when_there_are_too_many_or_too_large_ones(int most, long mostBytes, int size, int kept)
    {
        var answers = new AnswersInMemory(most, mostBytes);
        for (var run = 0; run < 6; run++)
        {
            await answers.Keep($"{run}", new("hash", 200, null, new byte[size]), default);
            await answers.Keep($"{run}", new("hash", 200, null, new byte[size]), default); // it counts once
        }

        var found = await Task.WhenAll(Enumerable.Range(0, 6).Select(run => answers.Find($"{run}", default)));
        Assert.Equal(Enumerable.Range(0, 6).Select(run => run >= 6 - kept), found.Select(answer => answer is not null));
    }
}
