using Agora.Testing;

namespace Agora.Operator.Tests;

/// <summary>A fact that axe-core tells, in Chromium.</summary>
public sealed class AxeFactAttribute : FactAttribute
{
    private const string Folder = "tests/Operator.Tests";

    public static string Script => Repository.File($"{Folder}/node_modules/axe-core/axe.min.js");

    public AxeFactAttribute() => Skip = Chromium.Path is null ? Chromium.Missing : NodeProgram.Missing(Folder, "axe-core");
}
