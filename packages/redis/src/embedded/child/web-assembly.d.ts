// What of WebAssembly is used here; `@types/node` 20 has no types for it.
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module'
  }
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  const Module: new (bytes: Uint8Array) => Module
  const Instance: new (module: Module, imports: Record<string, Record<string, unknown>>) => Instance
  const Tag: new (type: { parameters: string[] }) => object
  function compile(bytes: Uint8Array): Promise<Module>
}
