using Agora.Testing;
using Xunit.Abstractions;

namespace Agora.Differential.Tests.Schemas;

/// <summary>The validator against ajv, which most of the world uses, hyperjump, which keeps closest to the text, and JsonSchema.Net, .NET's own, on schemas and instances that nobody thought of.</summary>
public sealed class ValidatorTests(ITestOutputHelper output)
{
    private const int DataOfEach = 8;
    private const int AtOnce = 2_000;
    private const int Shown = 5;

    [ValidatorsFact]
    public async Task Random_schemas_and_instances_get_the_verdicts_of_public_validators()
    {
        var (disputed, valid, heard, netHeard) = (new List<string>(), 0, 0, 0);
        foreach (var seeds in Enumerable.Range(Long.Seed, Long.Pairs / DataOfEach).Chunk(AtOnce))
        {
            foreach (var (said, seed) in (await Pairs.Asked([.. seeds.Select(seed => Pairs.Of(seed, DataOfEach))])).Zip(seeds))
            {
                valid += said.Valid;
                heard += said.IsHeard ? DataOfEach : 0;
                netHeard += said.IsNetHeard ? DataOfEach : 0;
                if (disputed.Count < Shown && said.Disputed.Any())
                {
                    disputed.Add($"AGORA_DIFFERENTIAL_SEED={seed}: {await Shrinking.Shrunk(said.Of(said.Disputed.First()))}");
                }
            }
        }

        output.WriteLine($"{Long.Pairs} pairs from seed {Long.Seed}: {valid} valid, ajv heard in {heard}, JsonSchema.Net in {netHeard}");
        Assert.True(disputed.Count == 0, string.Join('\n', disputed));
        Assert.InRange(valid, Long.Pairs / 10, Long.Pairs * 9 / 10); // else nothing is compared
        Assert.InRange(heard, Long.Pairs / 2, Long.Pairs);
        Assert.InRange(netHeard, Long.Pairs / 5, Long.Pairs);
    }
}

/// <summary>Skipped by name where Node or its packages are not.</summary>
public sealed class ValidatorsFactAttribute : FactAttribute
{
    public ValidatorsFactAttribute() => Skip = NodeProgram.Missing(Pairs.Folder, "ajv", "@hyperjump/json-schema");
}
