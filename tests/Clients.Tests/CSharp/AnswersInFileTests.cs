using System.Text;
using Agora.Crypto;
using Agora.Provider.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Clients.Tests.CSharp;

/// <summary>Answers of a provider in C# that outlive its process.</summary>
public sealed class AnswersInFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agora-answers-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "answers.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Answers_outlive_the_process_and_the_oldest_go()
    {
        using (var first = new AnswersInFile(Path, most: 2))
        {
            foreach (var run in (string[])["one", "two", "three"])
            {
                await first.Keep(run, Of($"\"{run} é\\n\""), default);
            }

            Assert.Throws<IOException>(() => new AnswersInFile(Path)); // of one process
        }

        using var second = new AnswersInFile(Path, most: 2);
        Assert.Equal(((string?)null, "\"two é\\n\"", "\"three é\\n\""), (await Text(second, "one"), await Text(second, "two"), await Text(second, "three")));
        var found = (await second.Find("two", default))!;
        Assert.Equal(("hash", 200, "1.5"), (found.BodyHash, found.Status, found.CostCents));
    }

    [Fact]
    public async Task The_file_is_made_anew_when_most_of_it_is_of_no_use_and_loses_nothing()
    {
        var largest = 0L;
        using (var answers = new AnswersInFile(Path, most: 3))
        {
            for (var i = 0; i < 50; i++)
            {
                await answers.Keep($"run-{i}", Of($"{i}"), default);
                largest = Math.Max(largest, new FileInfo(Path).Length);
            }

            Assert.Equal(((string?)null, "47", "48", "49"), (await Text(answers, "run-46"), await Text(answers, "run-47"), await Text(answers, "run-48"), await Text(answers, "run-49")));
        }

        Assert.InRange(largest, 1, 1_000);
        using var again = new AnswersInFile(Path, most: 3);
        Assert.Equal("49", await Text(again, "run-49"));
    }

    [Fact]
    public async Task A_line_that_was_cut_off_was_answered_to_nobody_and_what_is_no_line_is_said()
    {
        long whole;
        using (var first = new AnswersInFile(Path))
        {
            await first.Keep("whole", Of("1"), default);
            whole = new FileInfo(Path).Length;
            await first.Keep("torn", Of("2"), default);
        }

        using (var file = new FileStream(Path, FileMode.Open))
        {
            file.SetLength(file.Length - 3);
        }

        using (var second = new AnswersInFile(Path))
        {
            Assert.Equal(("1", null, whole), (await Text(second, "whole"), await Text(second, "torn"), new FileInfo(Path).Length));
            await second.Keep("torn", Of("3"), default);
        }

        using (var third = new AnswersInFile(Path))
        {
            Assert.Equal("3", await Text(third, "torn"));
        }

        await File.AppendAllTextAsync(Path, "what is this\n");
        Assert.Throws<InvalidDataException>(() => new AnswersInFile(Path));
    }

    [Fact]
    public async Task A_run_is_known_again_after_kill_9()
    {
        using var key = new Ed25519PrivateKey([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        var agora = ClientWorld.FreeAddress();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var keys = builder.Build();
        keys.Urls.Add(agora.ToString());
        keys.MapGet("/.well-known/jwks.json", () => Results.Text($$"""{"keys":[{{new Jwk(key.PublicKey).Document().ToJsonString()}}]}""", "application/json"));
        await keys.StartAsync();

        var service = ClientWorld.FreeAddress();
        var mine = new DirectoryInfo(AppContext.BaseDirectory);
        var program = System.IO.Path.GetFullPath(System.IO.Path.Combine(mine.FullName, "..", "..", "TextSummarizer", mine.Name, "Agora.Samples.TextSummarizer.dll"));
        var settings = new Dictionary<string, string> { ["AGENT_API_URL"] = agora.ToString() };
        const string First = """{"text":"One sentence."}""";

        var said = new List<string>();
        using (var process = await ClientProgram.Begin("samples/TextSummarizer", settings, "dotnet", program, $"{service.Port}", "--answers", Path))
        {
            for (var run = 0; run < 10; run++)
            {
                said.Add(await Call($"run-{run}", First, 200));
            }

            process.Kill(); // SIGKILL
            await process.WaitForExitAsync();
        }

        using var again = await ClientProgram.Begin("samples/TextSummarizer", settings, "dotnet", program, $"{service.Port}", "--answers", Path);
        try
        {
            for (var run = 0; run < 10; run++)
            {
                Assert.Equal(said[run], await Call($"run-{run}", First, 200));
                await Call($"run-{run}", """{"text":"Another."}""", 409); // it is known: with this body it would be 200 else
            }

            await Call("new", """{"text":"Another."}""", 200);
        }
        finally
        {
            again.Kill();
        }

        async Task<string> Call(string run, string body, int status)
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            using var request = SignedCall.Of(new Uri(service, "text-summarizer"), body, run, key);
            using var response = await http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode == status, $"{response.StatusCode}: {text}");
            return text;
        }
    }

    private static Answer Of(string text) => new("hash", 200, "1.5", Encoding.UTF8.GetBytes(text));

    private static async Task<string?> Text(AnswersInFile answers, string run) => await answers.Find(run, default) is { } found ? Encoding.UTF8.GetString(found.Body) : null;
}
