using System.Diagnostics;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Proof;

public sealed class ProofTests
{
    [Fact]
    public async Task A_payment_that_no_checkpoint_covers_yet_is_unavailable_with_the_time_to_wait()
    {
        await using var api = await RunningApi.Start();
        var run = await ReceiptTests.Run(api, await ReceiptTests.Prepare(api));

        var refused = (await api.Client.Get($"/admin/proof/{run.PaymentId}", RunningApi.AdminKey)).Refused(503, "unavailable");

        Assert.Equal("60", refused.Header("Retry-After"));
        Assert.True(refused.Error.GetProperty("retry_allowed").GetBoolean());
        (await api.Client.Get($"/admin/proof/{run.RunId}", RunningApi.AdminKey)).Refused(404, "not_found");
        (await api.Client.Get($"/admin/proof/{run.PaymentId}")).Refused(401, "unauthorized");
    }

    [Fact]
    public async Task Checkpoints_are_listed_by_number()
    {
        await using var api = await RunningApi.Start();
        var none = (await api.Client.Get("/admin/checkpoints", RunningApi.AdminKey)).Expect(200).Data;
        Assert.Equal((0, 0), (none.GetProperty("total_count").GetInt32(), none.GetProperty("checkpoints").GetArrayLength()));
        var first = await Made(api);
        var second = await Made(api);

        var all = (await api.Client.Get("/admin/checkpoints", RunningApi.AdminKey)).Expect(200).Data;
        var page = (await api.Client.Get("/admin/checkpoints?offset=1&limit=1", RunningApi.AdminKey)).Expect(200).Data;

        Assert.Equal([first, second], all.GetProperty("checkpoints").EnumerateArray().Select(c => c.GetProperty("checkpoint").GetString()));
        Assert.Equal([2], page.GetProperty("checkpoints").EnumerateArray().Select(c => c.GetProperty("number").GetInt32()));
        Assert.Equal(2, page.GetProperty("total_count").GetInt32());
        (await api.Client.Get("/admin/checkpoints?limit=0", RunningApi.AdminKey)).Refused(422, "validation_failed");

        static async Task<string> Made(RunningApi api)
        {
            await api.Client.OpenSession();
            return (await api.MakeCheckpoint()).Token;
        }
    }

    [NodeFact]
    public async Task The_independent_verifier_takes_a_real_proof_and_nothing_that_was_changed_in_one_place()
    {
        await using var api = await RunningApi.Start();
        using var files = new VerifierFiles();
        await files.Fetch(api);
        Assert.Equal((0, ""), await files.Verify());

        foreach (var (what, where) in Changes(files.Proof))
        {
            await files.Write(what);
            var (code, said) = await files.Verify();
            Assert.True(code == 1 && said.StartsWith("broken: ", StringComparison.Ordinal), $"{where}: {code} {said}");
            Assert.Contains(where, said, StringComparison.Ordinal);
        }
    }

    [NodeFact]
    public async Task The_independent_verifier_names_a_chain_that_lacks_a_checkpoint_or_has_another()
    {
        await using var api = await RunningApi.Start();
        using var files = new VerifierFiles();
        await files.Fetch(api);
        var chain = files.Chain.ToList();

        await files.WriteChain([chain[0], .. chain.Skip(2)]);
        Assert.Contains("chain, line 2: checkpoint 3 in place of 2", (await files.Verify()).Said, StringComparison.Ordinal);
        await files.WriteChain(chain.Take(1));
        Assert.Contains("chain: the checkpoint of the proof is not in it", (await files.Verify()).Said, StringComparison.Ordinal);
        await files.WriteChain([.. chain.Take(1), Changed(chain[1], chain[1].Length / 2), .. chain.Skip(2)]);
        Assert.Contains("chain, line 2", (await files.Verify()).Said, StringComparison.Ordinal);
        await files.WriteKeys("""{"keys":[]}""");
        Assert.Contains("receipt: signed by no key of the set", (await files.Verify()).Said, StringComparison.Ordinal);
    }

    // One character of every value that a proof has, and of each part of its tokens.
    private static IEnumerable<(JsonObject Proof, string Where)> Changes(JsonObject proof)
    {
        foreach (var name in new[] { "receipt", "checkpoint" })
        {
            var token = (string)proof[name]!;
            var dots = new[] { token.IndexOf('.', StringComparison.Ordinal), token.LastIndexOf('.') };
            foreach (var at in new[] { 3, dots[0] / 2, dots[0], dots[0] + 5, (dots[0] + dots[1]) / 2, dots[1] + 3, token.Length - 2 }) yield return With(name, p => p[name] = Changed(token, at));
        }

        yield return With("payment_id", p => p["payment_id"] = Changed((string)proof["payment_id"]!, 9));
        yield return With("stream", p => p["row"]!["stream"] = Changed((string)proof["row"]!["stream"]!, 20));
        yield return With("seq", p => p["row"]!["seq"] = (long)proof["row"]!["seq"]! + 1);
        yield return With("hash", p => p["row"]!["hash"] = Changed((string)proof["row"]!["hash"]!, 5));
        yield return With("row", p => p["leaf_index"] = (long)proof["leaf_index"]! ^ 1);
        yield return With("tree_size", p => p["tree_size"] = (long)proof["tree_size"]! + 1);
        for (var i = 0; i < proof["path"]!.AsArray().Count; i++)
        {
            var at = i;
            yield return With("row", p => p["path"]![at] = Changed((string)proof["path"]![at]!, 7));
        }

        yield return With("path", p => p["path"]!.AsArray().RemoveAt(0));

        (JsonObject, string) With(string where, Action<JsonObject> change)
        {
            var copy = (JsonObject)proof.DeepClone();
            change(copy);
            return (copy, where);
        }
    }

    private static string Changed(string text, int at) => text[..at] + (text[at] == 'b' ? 'c' : 'b') + text[(at + 1)..];

    /// <summary>What someone who checks a payment is handed, and the verifier's word on it.</summary>
    private sealed class VerifierFiles : IDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("agora-verifier-").FullName;

        public JsonObject Proof { get; private set; } = [];

        public IReadOnlyList<string> Chain { get; private set; } = [];

        /// <summary>A payment under the second of three checkpoints.</summary>
        public async Task Fetch(RunningApi api)
        {
            var token = await ReceiptTests.Prepare(api);
            await api.MakeCheckpoint();
            var run = await ReceiptTests.Run(api, token);
            await api.Client.OpenSession();
            await api.Client.OpenSession();
            await api.MakeCheckpoint();
            await api.Client.OpenSession();
            await api.MakeCheckpoint();
            Proof = JsonNode.Parse((await api.Client.Get($"/admin/proof/{run.PaymentId}", RunningApi.AdminKey)).Expect(200).Data.GetRawText())!.AsObject();
            var chain = (await api.Client.Get("/admin/checkpoints", RunningApi.AdminKey)).Expect(200).Data.GetProperty("checkpoints");
            Chain = [.. chain.EnumerateArray().Select(c => c.GetProperty("checkpoint").GetString()!)];
            await Write(Proof);
            await WriteChain(Chain);
            await WriteKeys(await api.Client.Text("/.well-known/jwks.json"));
        }

        public Task Write(JsonObject proof) => File.WriteAllTextAsync(Of("proof.json"), proof.ToJsonString());

        public Task WriteChain(IEnumerable<string> tokens) => File.WriteAllTextAsync(Of("chain.txt"), string.Concat(tokens.Select(t => t + "\n")));

        public Task WriteKeys(string keys) => File.WriteAllTextAsync(Of("jwks.json"), keys);

        /// <summary>Exit code, and what was said on standard error.</summary>
        public async Task<(int Code, string Said)> Verify()
        {
            string[] arguments = [Path.Combine(AppContext.BaseDirectory, "verify.mjs"), Of("proof.json"), Of("jwks.json"), Of("chain.txt")];
            using var node = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var (said, printed) = (node.StandardError.ReadToEndAsync(), node.StandardOutput.ReadToEndAsync());
            await node.WaitForExitAsync();
            Assert.Equal(node.ExitCode == 0, (await printed).StartsWith("verified: agora.example says", StringComparison.Ordinal));
            return (node.ExitCode, (await said).TrimEnd());
        }

        public void Dispose() => Directory.Delete(_directory, recursive: true);

        private string Of(string name) => Path.Combine(_directory, name);
    }

    /// <summary>Where there is no Node the test is skipped by name.</summary>
    private sealed class NodeFactAttribute : FactAttribute
    {
        public NodeFactAttribute() => Skip = HasNode() ? null : "node, which runs the verifier, is not on the PATH";

        private static bool HasNode() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, OperatingSystem.IsWindows() ? "node.exe" : "node")));
    }
}
