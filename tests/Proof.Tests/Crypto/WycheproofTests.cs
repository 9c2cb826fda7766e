using System.Text.Json;
using Agora.Crypto;

namespace Agora.Proof.Tests.Crypto;

/// <summary>Project Wycheproof's vectors for Ed25519: signatures that some library once took, or refused, wrongly.</summary>
public sealed class WycheproofTests
{
    [WycheproofFact]
    public void Every_vector_of_Ed25519_comes_out_as_it_says()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(WycheproofFactAttribute.Root!, "ed25519_test.json")));
        var count = 0;
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            using var key = new Ed25519PublicKey(Bytes(group.GetProperty("publicKey"), "pk"));
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                Assert.True((test.GetProperty("result").GetString() == "valid") == key.Verify(Bytes(test, "msg"), Bytes(test, "sig")), $"vector {test.GetProperty("tcId")}: {test.GetProperty("comment")}");
                count++;
            }
        }

        Assert.Equal(document.RootElement.GetProperty("numberOfTests").GetInt32(), count);
    }

    private static byte[] Bytes(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}

/// <summary>Where the vectors are: WYCHEPROOF, else <c>shared/wycheproof</c> beside the repository; skipped by name where they are not.</summary>
internal sealed class WycheproofFactAttribute : FactAttribute
{
    public WycheproofFactAttribute() => Skip = Root is null ? "the vectors of Project Wycheproof are not here: set WYCHEPROOF to the directory that has ed25519_test.json" : null;

    public static string? Root { get; } = Environment.GetEnvironmentVariable("WYCHEPROOF") is { Length: > 0 } given ? given : Above(AppContext.BaseDirectory).FirstOrDefault(Directory.Exists);

    private static IEnumerable<string> Above(string directory)
    {
        for (var at = new DirectoryInfo(directory).Parent; at is not null; at = at.Parent) yield return Path.Combine(at.FullName, "shared", "wycheproof");
    }
}
