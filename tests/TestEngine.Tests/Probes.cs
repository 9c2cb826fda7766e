using Agora.Specifications;

namespace Agora.TestEngine.Tests;

internal static class Probes
{
    public static GrainEngine RegisterProbe(this GrainEngine engine) => engine.Register(Probe.Kind, host => new ProbeActivation(host, engine));
}
