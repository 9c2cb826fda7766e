using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>What is said of tenants for tests: whoever gets an answer of one sees that its money is none.</summary>
internal static class TestMode
{
    public const string Header = "Agora-Mode";
    public const string Test = "test";

    public static readonly Rejection Only = new(Codes.TestOnly, "This is for tests, and the key is not: use the operator's key of this tenant that begins with test_.");
}
